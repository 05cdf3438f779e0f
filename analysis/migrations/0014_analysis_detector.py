from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysis", "0013_face_picture_doubts")]

    operations = [
        # BlazeFace was the default of the versions before, so nearly all earlier results are its.
        migrations.AddField(
            model_name="analysis",
            name="detector",
            field=models.CharField(default="blazeface", max_length=50),
            preserve_default=False,
        ),
    ]
