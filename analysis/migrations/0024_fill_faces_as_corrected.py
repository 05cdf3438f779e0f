import datetime as dt

from django.db import migrations
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

EMOTIONS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
PROBABILITIES = [f"p_{emotion}" for emotion in EMOTIONS]
TOTALS = ["n", *(f"sum_{emotion}" for emotion in EMOTIONS)]
CLOSE_CONFIDENCE, CLOSE_MARGIN = 0.5, 0.15


def fill_rows(apps, schema_editor):
    """Until now every correction was an expression, and what is not corrected is as answered."""
    Face, Correction, Collection = models(apps, "Face", "Correction", "Collection")
    history, albums = models(apps, "HistorySum", "HistoryRollup"), models(apps, "CollectionSum", "CollectionRollup")
    for model in (Face, *history, *albums):
        model.objects.update(corrected_emotion=F("emotion"))
    for correction in Correction.objects.select_related("face__analysis__photo").iterator(500):
        face, emotion = correction.face, correction.emotion
        Face.objects.filter(pk=face.pk).update(corrected_emotion=emotion)
        if face.analysis.is_current and emotion != face.emotion:
            photo = face.analysis.photo
            move_in_sums(history, photo.owner_id, face, emotion)
            for collection in Collection.objects.filter(photos=photo):
                move_in_sums(albums, collection.pk, face, emotion)


def move_in_sums(tables, owner_id, face, emotion):
    at = face.analysis.photo.created_at.astimezone(dt.timezone.utc)
    quarter = at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)
    key = {"owner_id": owner_id, "source": "photo", "emotion": face.emotion, "model": face.analysis.model}
    values = [1, *(round(getattr(face, probability) * 1_000_000) for probability in PROBABILITIES)]
    places = [(tables[0], {"quarter": quarter})]
    for hours in (1, 6, 24):
        start = quarter.replace(minute=0, hour=quarter.hour - quarter.hour % hours)
        places.append((tables[1], {"grain": 4 * hours, "start": start}))
    for table, place in places:
        rows = table.objects.filter(**key, **place)
        fewer = {total: F(total) - value for total, value in zip(TOTALS, values)}
        rows.filter(corrected_emotion=face.emotion).update(**fewer)
        rows.filter(corrected_emotion=face.emotion, n=0).delete()
        table.objects.get_or_create(**key, **place, corrected_emotion=emotion)
        more = {total: F(total) + value for total, value in zip(TOTALS, values)}
        rows.filter(corrected_emotion=emotion).update(**more)


def fill_photos(apps, schema_editor):
    Photo, Face = models(apps, "Photo", "Face")
    bits = (Case(When(**{f"shows_{emotion}": True}, then=1 << i), default=0) for i, emotion in enumerate(EMOTIONS))
    Photo.objects.update(answered_bits=sum(bits, Value(0)))
    current = Face.objects.filter(analysis__is_current=True, analysis__photo=OuterRef("pk"))
    Photo.objects.update(has_uncertain=Exists(uncertain(current)))
    corrected = Face.objects.filter(analysis__is_current=True, correction__isnull=False)
    for photo in Photo.objects.filter(pk__in=corrected.values("analysis__photo")).iterator(500):
        faces = Face.objects.filter(analysis__is_current=True, analysis__photo=photo)
        shown = set(faces.values_list("corrected_emotion", flat=True))
        for emotion in EMOTIONS:
            setattr(photo, f"shows_{emotion}", emotion in shown)
        photo.is_corrected = True
        photo.has_uncertain = uncertain(faces.filter(correction=None)).exists()
        photo.save()


def uncertain(faces):
    close = (Case(When(Q(**{f"{p}__gt": F("confidence") - CLOSE_MARGIN}), then=1), default=0) for p in PROBABILITIES)
    faces = faces.alias(close=sum(close, Value(0)))
    return faces.filter(Q(close__gt=1) | Q(confidence__lt=CLOSE_CONFIDENCE) | ~Q(picture_doubts=""))


def models(apps, *names):
    return [apps.get_model("analysis", name) for name in names]


class Migration(migrations.Migration):
    dependencies = [("analysis", "0023_faces_as_corrected")]

    operations = [
        migrations.RunPython(fill_rows, migrations.RunPython.noop),
        migrations.RunPython(fill_photos, migrations.RunPython.noop),
    ]
