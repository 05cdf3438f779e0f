from django.db import migrations
from django.db.models import OuterRef, Subquery


def name_versions(apps, schema_editor):
    contributions = apps.get_model("training", "RunContribution").objects.filter(run__version__isnull=False)
    runs = apps.get_model("training", "TrainingRun").objects.filter(pk=OuterRef("run"))
    contributions.update(version=Subquery(runs.values("version__name")))


def forget_those_without_a_run(apps, schema_editor):
    # Before this migration each of them belonged to a run.
    apps.get_model("training", "RunContribution").objects.filter(run=None).delete()


class Migration(migrations.Migration):
    """Apart from 0004: PostgreSQL changes no table whose rows the same transaction wrote."""

    dependencies = [
        ('training', '0004_version_contributions'),
    ]

    operations = [
        migrations.RunPython(name_versions, forget_those_without_a_run),
    ]
