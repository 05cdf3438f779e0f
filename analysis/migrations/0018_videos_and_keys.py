from django.conf import settings
from django.db import migrations, models

import analysis.idempotency.models


def put_back_others(apps, schema_editor):
    """Queue a person's running videos again but for the one that began first."""
    running = apps.get_model("analysis", "Video").objects.filter(status="running").order_by("started_at", "pk")
    owners = set()
    for pk, owner in running.values_list("pk", "owner"):
        if owner in owners:
            running.filter(pk=pk).update(status="queued", token=None)
        owners.add(owner)


class Migration(migrations.Migration):
    dependencies = [
        ("analysis", "0017_live_rows"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="idempotencykey",
            name="body",
            field=analysis.idempotency.models.JSONTextField(null=True),
        ),
        migrations.RunPython(put_back_others, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="video",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "running")), fields=("owner",), name="video_one_running"
            ),
        ),
    ]
