"""Recording whose corrections a run learns from."""

import pytest

from analysis.versions.models import ModelVersion
from training.checkpoints import checkpoint_folder
from training.models import RunContribution
from training.runs.contributions import record_contributions, versions_learnt_from


@pytest.fixture
def run(make_run):
    return make_run()


@pytest.fixture
def learnt(run):
    """Leave weights of the run on the disk."""

    def learn(name="epoch-001.weights.h5"):
        folder = checkpoint_folder(run.name)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"weights")

    return learn


def noted(run):
    return dict(run.contributions.values_list("user", "corrections"))


def test_users_and_counts_are_recorded(run, user, other_user):
    assert record_contributions(run=run, corrections={user.pk: 3, other_user.pk: 1})
    assert noted(run) == {user.pk: 3, other_user.pk: 1}


def test_a_second_record_replaces_the_first_before_a_checkpoint(run, user, other_user):
    record_contributions(run=run, corrections={user.pk: 3})
    record_contributions(run=run, corrections={other_user.pk: 1})
    assert noted(run) == {other_user.pk: 1}


def test_a_resumed_run_keeps_users_whose_corrections_were_deleted(run, user, other_user, learnt):
    record_contributions(run=run, corrections={user.pk: 3})
    learnt()
    record_contributions(run=run, corrections={other_user.pk: 1})
    assert noted(run) == {user.pk: 3, other_user.pk: 1}


def test_a_resumed_run_records_the_highest_count_of_a_user(run, user, other_user, learnt):
    record_contributions(run=run, corrections={user.pk: 3, other_user.pk: 1})
    learnt()
    record_contributions(run=run, corrections={user.pk: 2, other_user.pk: 4})
    assert noted(run) == {user.pk: 3, other_user.pk: 4}


def test_a_half_written_checkpoint_counts(run, user, learnt):
    record_contributions(run=run, corrections={user.pk: 3})
    learnt("unfinished.weights.h5")
    record_contributions(run=run, corrections={})
    assert noted(run) == {user.pk: 3}


def test_contributions_of_other_runs_stay(run, make_run, user, learnt):
    other = make_run("mlp-2")
    record_contributions(run=other, corrections={user.pk: 3})
    record_contributions(run=run, corrections={})
    assert noted(other) == {user.pk: 3}


@pytest.mark.parametrize("leaves", ["locked", "deleted"])
def test_nothing_is_recorded_when_a_user_has_left(run, user, other_user, leaves):
    corrections = {user.pk: 3, other_user.pk: 1}
    if leaves == "locked":
        type(user).objects.filter(pk=user.pk).update(is_active=False)
    else:
        user.delete()
    assert not record_contributions(run=run, corrections=corrections)
    assert not RunContribution.objects.exists()


def test_a_version_is_listed_once(run, user, other_user):
    version = ModelVersion.objects.create(name="mlp-1", origin="trained", pins={}, card={})
    record_contributions(run=run, corrections={user.pk: 3})
    assert versions_learnt_from(user=user) == []
    run.contributions.update(version=version)
    assert versions_learnt_from(user=user) == ["mlp-1"]
    assert versions_learnt_from(user=other_user) == []
