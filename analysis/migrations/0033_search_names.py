from django.db import migrations, models

COLUMN = {"db_default": "", "editable": False, "help_text": "The name as it is searched.", "max_length": 255}


class Migration(migrations.Migration):
    dependencies = [
        ("analysis", "0032_history_words"),
    ]

    operations = [
        migrations.AddField("session", "search_name", models.CharField(**COLUMN)),
        migrations.AddField("video", "search_name", models.CharField(**COLUMN)),
    ]
