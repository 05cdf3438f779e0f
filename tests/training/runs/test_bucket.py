"""Checkpoints in an S3 bucket: another host goes on from them, and they are deleted for all hosts at once."""

import json

import pytest

from training.checkpoints import checkpoint_folder, fetch_checkpoint, remove_checkpoint, store_checkpoint
from training.models import RunContribution, State
from training.runs.contributions import remove_checkpoints
from training.runs.queue import sweep_checkpoints, sweep_folders

WEIGHTS = "epoch-002.weights.h5"


@pytest.fixture
def names(bucket, s3_server):
    """Return the names of the objects in the site's bucket."""
    return lambda: s3_server.names(bucket.bucket_name)


def _train(epoch=2, name="mlp-1"):
    """Leave what an epoch leaves behind."""
    folder = checkpoint_folder(name)
    folder.mkdir(parents=True, exist_ok=True)
    for older in folder.glob("*.h5"):
        older.unlink()
    (folder / f"epoch-{epoch:03d}.weights.h5").write_bytes(b"weights %d" % epoch)
    (folder / "state.json").write_text(
        json.dumps({"weights": f"epoch-{epoch:03d}.weights.h5", "history": [{}] * epoch})
    )
    return folder


@pytest.fixture
def another_host(settings, tmp_path):
    """Go on with a `VAR_DIR` of another host's."""

    def go():
        settings.VAR_DIR = tmp_path / "another"
        settings.VAR_DIR.mkdir()

    return go


def test_another_host_goes_on_from_the_last_one_stored(names, another_host):
    for epoch in (1, 2):
        _train(epoch)
        store_checkpoint("mlp-1")
    assert names() == ["training/mlp-1/checkpoint.tar"]
    another_host()
    fetch_checkpoint("mlp-1")
    found = {path.name: path.read_bytes() for path in checkpoint_folder("mlp-1").iterdir()}
    assert sorted(found) == [WEIGHTS, "state.json"]
    assert found[WEIGHTS] == b"weights 2"


def test_a_hosts_own_that_the_bucket_has_no_more_is_not_used(names):
    folder = _train()
    (folder / "output.log").write_text("kept")
    fetch_checkpoint("mlp-1")
    assert [path.name for path in folder.iterdir()] == ["output.log"]


def test_without_a_bucket_it_stays_where_it_is(db):
    folder = _train()
    store_checkpoint("mlp-1")
    fetch_checkpoint("mlp-1")
    sweep_checkpoints()
    sweep_folders()
    assert sorted(path.name for path in folder.iterdir()) == [WEIGHTS, "state.json"]


def test_nothing_is_stored_before_the_first_epoch(names):
    checkpoint_folder("mlp-1").mkdir(parents=True)
    store_checkpoint("mlp-1")
    assert names() == []


def test_it_is_removed_from_the_bucket_too(names):
    _train()
    store_checkpoint("mlp-1")
    remove_checkpoint("mlp-1")
    assert names() == []
    assert not checkpoint_folder("mlp-1").exists()


def test_what_learnt_from_somebody_who_leaves_is_on_no_host(user, make_run, names, another_host):
    RunContribution.objects.create(run=make_run(state=State.CANCELLED), user=user, corrections=3)
    here = _train()
    store_checkpoint("mlp-1")
    another_host()
    assert remove_checkpoints(user=user)
    assert names() == []
    another = checkpoint_folder("mlp-1")
    assert not another.exists()
    assert here.exists(), "the other host's sweep removes it"


def test_a_hosts_sweep_spares_live_trainings_alone(make_run, names):
    make_run("live-1", State.TRAINING)
    make_run("lost-1", State.LOST)
    folders = [_train(name=name) for name in ("live-1", "lost-1", "gone-1")]
    sweep_folders()
    assert [folder.exists() for folder in folders] == [True, False, False]


def test_the_bucket_keeps_those_of_runs_that_can_be_resumed(make_run, names):
    for name, state in (("done-1", State.FINISHED), ("failed-1", State.FAILED)):
        make_run(name, state)
    for name in ("done-1", "failed-1", "gone-1"):
        _train(name=name)
        store_checkpoint(name)
    sweep_checkpoints()
    assert names() == ["training/failed-1/checkpoint.tar"]
