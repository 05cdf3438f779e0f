import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

EMOTIONS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
FILTERED = ["search_name", "confidence", "source", *(f"shows_{emotion}" for emotion in EMOTIONS)]
SOURCES = [("web", "Uploaded here"), ("api", "By the API"), ("sample", "Sample photo")]


def added(name, field):
    return migrations.AddField(model_name="photo", name=name, field=field)


class Migration(migrations.Migration):
    """What lists of photos show and filter moves onto the photo; `0009_fill_history` fills it."""

    dependencies = [
        ("analysis", "0007_video_attempts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="photo",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="photos",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RemoveIndex(model_name="photo", name="photo_newest_first"),
        added("source", models.CharField(choices=SOURCES, default="web", editable=False, max_length=6)),
        migrations.AddField(
            model_name="photo",
            name="search_name",
            field=models.CharField(default="", editable=False, help_text="The name as it is searched.", max_length=255),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="photo",
            name="model",
            field=models.CharField(
                default="", editable=False, help_text="The version that made the current result.", max_length=100
            ),
            preserve_default=False,
        ),
        added("face_count", models.PositiveIntegerField(default=0, editable=False)),
        added("confidence", models.FloatField(editable=False, null=True)),
        *(added(f"shows_{emotion}", models.BooleanField(default=False, editable=False)) for emotion in EMOTIONS),
        migrations.AddIndex(
            model_name="photo",
            index=models.Index(fields=["owner", "-created_at", "-id", *FILTERED, "model"], name="photo_newest_first"),
        ),
        migrations.AddIndex(
            model_name="photo",
            index=models.Index(fields=["owner", "model", "-created_at", "-id", *FILTERED], name="photo_by_model"),
        ),
    ]
