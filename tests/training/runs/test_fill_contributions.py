"""The migration that names the versions of earlier contributions."""

import importlib

from django.apps import apps

from analysis.versions.models import ModelVersion
from training.models import RunContribution, State
from training.runs.contributions import versions_learnt_from

fill = importlib.import_module("training.migrations.0005_fill_version_contributions")


def test_contributions_of_finished_runs_name_the_version(make_run, user):
    version = ModelVersion.objects.create(name="mlp-1", origin="trained", pins={}, card={})
    for run in (make_run("mlp-1", State.FINISHED, version=version), make_run("mlp-2", State.CANCELLED)):
        RunContribution.objects.create(run=run, user=user, corrections=3)
    fill.name_versions(apps, None)
    assert versions_learnt_from(user=user) == ["mlp-1"]
    assert list(RunContribution.objects.order_by("pk").values_list("version", flat=True)) == ["mlp-1", None]
