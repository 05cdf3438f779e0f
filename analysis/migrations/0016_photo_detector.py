from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysis", "0015_sample_score")]

    operations = [
        # As of the results themselves, in 0014.
        migrations.AddField(
            model_name="photo",
            name="detector",
            field=models.CharField(
                default="blazeface", editable=False, help_text="The face detector of the current result.", max_length=50
            ),
            preserve_default=False,
        ),
        migrations.RemoveIndex(model_name="photo", name="photo_without_picture"),
        migrations.AddIndex(
            model_name="photo",
            index=models.Index(fields=["owner", "model", "detector"], name="photo_by_detector"),
        ),
        migrations.AddIndex(
            model_name="photo",
            index=models.Index(
                condition=models.Q(("picture", "")),
                fields=["owner", "model", "detector"],
                name="photo_without_picture",
            ),
        ),
    ]
