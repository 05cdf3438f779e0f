import datetime as dt
import unicodedata
from itertools import groupby
from operator import itemgetter

from django.db import migrations

EMOTIONS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
PROBABILITIES = [f"p_{emotion}" for emotion in EMOTIONS]
SHOWN = ["search_name", "model", "face_count", "confidence", *(f"shows_{emotion}" for emotion in EMOTIONS)]
BATCH = 500


def fill_photos(apps, schema_editor):
    """Copy what lists need from each photo's current result."""
    Photo = apps.get_model("analysis", "Photo")
    Analysis = apps.get_model("analysis", "Analysis")
    batch = []
    results = Analysis.objects.filter(is_current=True).order_by("pk").select_related("photo").prefetch_related("faces")
    for result in results.iterator(BATCH):
        photo, faces = result.photo, list(result.faces.all())
        photo.search_name = unicodedata.normalize("NFC", photo.name.casefold())[:255]
        photo.model, photo.face_count = result.model, len(faces)
        photo.confidence = max((face.confidence for face in faces), default=None)
        for emotion in EMOTIONS:
            setattr(photo, f"shows_{emotion}", any(face.emotion == emotion for face in faces))
        batch.append(photo)
        if len(batch) == BATCH:
            Photo.objects.bulk_update(batch, SHOWN)
            batch = []
    Photo.objects.bulk_update(batch, SHOWN)


def fill_sums(apps, schema_editor):
    """Sum every history up anew, one owner after another."""
    HistorySum = apps.get_model("analysis", "HistorySum")
    HistorySum.objects.all().delete()
    for owner_id, counted in groupby(counted_by_owner(apps), key=itemgetter(0)):
        sums = {}
        for _, at, source, model, emotion, probabilities in counted:
            at = at.astimezone(dt.timezone.utc)
            quarter = at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)
            row = sums.setdefault((quarter, source, emotion, model), [0] * 8)
            row[0] += 1
            for position, probability in enumerate(probabilities, start=1):
                row[position] += round(probability * 1_000_000)
        HistorySum.objects.bulk_create(
            (
                HistorySum(
                    owner_id=owner_id,
                    quarter=quarter,
                    source=source,
                    emotion=emotion,
                    model=model,
                    n=n,
                    **{f"sum_{emotion}": value for emotion, value in zip(EMOTIONS, values)},
                )
                for (quarter, source, emotion, model), (n, *values) in sums.items()
            ),
            batch_size=BATCH,
        )


def counted_by_owner(apps):
    owners = apps.get_model("analysis", "Photo")._meta.get_field("owner").related_model
    faces = apps.get_model("analysis", "Face").objects.filter(analysis__is_current=True).order_by()
    samples = apps.get_model("analysis", "Sample").objects.order_by()
    for owner_id in owners.objects.values_list("pk", flat=True).order_by("pk"):
        rows = faces.filter(analysis__photo__owner_id=owner_id).values_list(
            "analysis__photo__created_at", "analysis__model", "emotion", *PROBABILITIES
        )
        for at, model, emotion, *probabilities in rows.iterator(2000):
            yield owner_id, at, "photo", model, emotion, probabilities
        rows = samples.filter(session__owner_id=owner_id).values_list(
            "session__started_at", "second", "session__source", "model", "emotion", *PROBABILITIES
        )
        for started_at, second, source, model, emotion, *probabilities in rows.iterator(2000):
            yield owner_id, started_at + dt.timedelta(seconds=second), source, model, emotion, probabilities


class Migration(migrations.Migration):
    dependencies = [
        ("analysis", "0008_history_columns"),
    ]

    operations = [
        migrations.RunPython(fill_photos, migrations.RunPython.noop),
        migrations.RunPython(fill_sums, migrations.RunPython.noop),
    ]
