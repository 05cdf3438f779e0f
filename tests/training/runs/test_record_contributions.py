"""Whose corrections a run takes is noted before it learns, and what its checkpoint learnt from is never forgotten."""

import pytest

from analysis.versions.models import ModelVersion
from training.models import RunContribution
from training.pipeline import checkpoint_folder
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


def test_it_notes_who_and_how_many(run, user, other_user):
    assert record_contributions(run=run, corrections={user.pk: 3, other_user.pk: 1})
    assert noted(run) == {user.pk: 3, other_user.pk: 1}


def test_what_was_read_in_vain_is_forgotten(run, user, other_user):
    record_contributions(run=run, corrections={user.pk: 3})
    record_contributions(run=run, corrections={other_user.pk: 1})
    assert noted(run) == {other_user.pk: 1}


def test_a_resumed_run_remembers_whose_corrections_are_gone(run, user, other_user, learnt):
    record_contributions(run=run, corrections={user.pk: 3})
    learnt()
    record_contributions(run=run, corrections={other_user.pk: 1})
    assert noted(run) == {user.pk: 3, other_user.pk: 1}


def test_a_resumed_run_notes_the_most_it_took_of_one_person(run, user, other_user, learnt):
    record_contributions(run=run, corrections={user.pk: 3, other_user.pk: 1})
    learnt()
    record_contributions(run=run, corrections={user.pk: 2, other_user.pk: 4})
    assert noted(run) == {user.pk: 3, other_user.pk: 4}


def test_weights_that_were_not_written_whole_count_too(run, user, learnt):
    record_contributions(run=run, corrections={user.pk: 3})
    learnt("unfinished.weights.h5")
    record_contributions(run=run, corrections={})
    assert noted(run) == {user.pk: 3}


def test_it_keeps_to_its_own_run(run, make_run, user, learnt):
    other = make_run("mlp-2")
    record_contributions(run=other, corrections={user.pk: 3})
    record_contributions(run=run, corrections={})
    assert noted(other) == {user.pk: 3}


@pytest.mark.parametrize("leaves", ["locked", "deleted"])
def test_where_somebody_left_meanwhile_nothing_is_noted(run, user, other_user, leaves):
    corrections = {user.pk: 3, other_user.pk: 1}
    if leaves == "locked":
        type(user).objects.filter(pk=user.pk).update(is_active=False)
    else:
        user.delete()
    assert not record_contributions(run=run, corrections=corrections)
    assert not RunContribution.objects.exists()


def test_a_version_is_named_once_to_whom_it_learnt_from(run, user, other_user):
    version = ModelVersion.objects.create(name="mlp-1", origin="trained", pins={}, card={})
    record_contributions(run=run, corrections={user.pk: 3})
    assert versions_learnt_from(user=user) == []
    run.contributions.update(version=version)
    assert versions_learnt_from(user=user) == ["mlp-1"]
    assert versions_learnt_from(user=other_user) == []
