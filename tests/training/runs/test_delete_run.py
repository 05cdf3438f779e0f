"""Deleting a run."""

import pytest

from analysis.versions.models import ModelVersion
from training.checkpoints import checkpoint_folder
from training.errors import RunError
from training.models import RunContribution, State, TrainingRun
from training.runs.contributions import versions_learnt_from
from training.runs.services import delete_run


def test_checkpoints_are_deleted_and_the_version_stays(make_run, django_capture_on_commit_callbacks):
    version = ModelVersion.objects.create(name="mlp-1", origin="trained", pins={}, card={})
    run = make_run(state=State.FINISHED, version=version)
    folder = checkpoint_folder(run.name)
    folder.mkdir(parents=True)
    with django_capture_on_commit_callbacks(execute=True):
        delete_run(run=run)
    assert not TrainingRun.objects.exists()
    assert not folder.exists()
    assert ModelVersion.objects.filter(name="mlp-1").exists()


def test_contributions_to_a_version_stay(make_run, user):
    version = ModelVersion.objects.create(name="mlp-1", origin="trained", pins={}, card={})
    run = make_run(state=State.FINISHED, version=version)
    RunContribution.objects.create(run=run, version=version, user=user, corrections=3)
    delete_run(run=run)
    assert versions_learnt_from(user=user) == ["mlp-1"]


def test_contributions_without_a_version_are_deleted(make_run, user):
    run = make_run(state=State.CANCELLED)
    RunContribution.objects.create(run=run, user=user, corrections=3)
    delete_run(run=run)
    assert not RunContribution.objects.exists()


def test_a_live_run_is_not_deleted(make_run):
    with pytest.raises(RunError, match="is being trained"):
        delete_run(run=make_run(state=State.TRAINING))
    assert TrainingRun.objects.exists()
