from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysis", "0012_people_agreed")]

    operations = [
        migrations.AddField(
            model_name="face",
            name="picture_doubts",
            field=models.CharField(
                blank=True,
                default="",
                help_text="What is wrong with how the picture shows it, space-separated.",
                max_length=60,
            ),
        ),
    ]
