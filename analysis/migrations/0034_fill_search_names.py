import re
import unicodedata

from django.db import migrations

BATCH = 500
ACCENTS = re.compile("[\u0300-\u036f]")


def fill(apps, schema_editor):
    """Write the names of photos, which had their accents, sessions and videos as they are searched."""
    for kind in ("Photo", "Session", "Video"):
        rows, batch = apps.get_model("analysis", kind).objects, []
        for row in rows.only("pk", "name", "search_name").order_by("pk").iterator(BATCH):
            bare = ACCENTS.sub("", unicodedata.normalize("NFD", row.name.casefold()))
            folded = unicodedata.normalize("NFC", bare)[:255]
            if folded != row.search_name:
                row.search_name = folded
                batch.append(row)
            if len(batch) == BATCH:
                rows.bulk_update(batch, ["search_name"])
                batch = []
        rows.bulk_update(batch, ["search_name"])


class Migration(migrations.Migration):
    dependencies = [
        ("analysis", "0033_search_names"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
