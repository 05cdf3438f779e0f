"""`manage.py train` shows as a run, where there is a database."""

from pathlib import Path

import pytest
from django.utils import timezone

from training.errors import RunError
from training.learning.errors import LearningError, TrainingStopped
from training.models import State, TrainingRun
from training.pipeline import Stage
from training.run_settings import RunSettings
from training.runs import child, claims, shell
from training.runs.shell import has_database, train_in_shell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def train(monkeypatch, store, small_csv):
    """Train in a shell, with `work` in place of Keras."""

    def train(work, name="tiny-1"):
        for module in (shell, child):
            monkeypatch.setattr(module, "train_version", work)
        settings = RunSettings(architecture="mlp", data=str(small_csv), epochs=2)
        train.reported = []
        train_in_shell(
            version=name,
            settings=settings,
            resume=False,
            ship=False,
            callbacks=[],
            report=lambda stage, message: train.reported.append(message),
        )

    return train


@pytest.mark.slow
def test_it_shows_every_epoch_and_registers_the_version(store, small_csv):
    settings = RunSettings(architecture="mlp", data=str(small_csv), epochs=2, batch_size=16)
    train_in_shell(
        version="tiny-1", settings=settings, resume=False, ship=False, callbacks=[], report=lambda stage, message: None
    )
    run = TrainingRun.objects.get()
    assert (run.name, run.state, run.by_command, run.epoch) == ("tiny-1", State.FINISHED, True, 2)
    assert run.version.name == "tiny-1"
    assert run.version.card["run"] == str(run.pk)
    assert [row.number for row in run.epoch_rows.all()] == [1, 2]
    assert "Epoch 2/2: loss" in run.log


def test_it_is_live_meanwhile(train):
    def work(*, report, **_):
        report(Stage.TRAINING, "Training mlp")
        run = TrainingRun.objects.get()
        assert (run.state, run.is_live) == (State.TRAINING, True)
        raise LearningError("enough")

    with pytest.raises(LearningError, match="enough"):
        train(work)
    run = TrainingRun.objects.get()
    assert (run.state, run.reason) == (State.FAILED, "enough")
    assert train.reported == ["Training mlp"]


@pytest.mark.parametrize("stopped", [KeyboardInterrupt, TrainingStopped])
def test_interrupted_it_is_cancelled_and_may_be_tried_again(train, stopped):
    def work(**_):
        raise stopped

    for _ in range(2):
        with pytest.raises(stopped):
            train(work)
    assert TrainingRun.objects.get().state == State.CANCELLED


def test_somebody_may_cancel_it_in_the_admin(train):
    def work(*, report, **_):
        TrainingRun.objects.update(cancel_requested_at=timezone.now())
        report(Stage.TRAINING, "Training mlp")

    with pytest.raises(TrainingStopped):
        train(work)
    assert TrainingRun.objects.get().state == State.CANCELLED


@pytest.mark.parametrize("state", [State.TRAINING, State.QUEUED])
def test_a_run_of_that_name_that_goes_on_is_left_alone(train, make_run, state):
    make_run("tiny-1", state)
    with pytest.raises(RunError, match="tiny-1: a run of this name waits or goes on already"):
        train(lambda **_: None)


def test_it_waits_for_another_run_and_says_so(train, make_run, monkeypatch):
    other = make_run("mlp-1", State.TRAINING)
    monkeypatch.setattr(shell.time, "sleep", lambda seconds: claims.end_claim(token=other.token, state=State.CANCELLED))

    def work(**_):
        raise LearningError("it began")

    with pytest.raises(LearningError, match="it began"):
        train(work)
    assert train.reported == ["Waiting for mlp-1: one run trains at a time"]


def test_taken_for_lost_it_claims_its_run_anew(train):
    def work(*, report, **_):
        run = TrainingRun.objects.get()
        claims.lose_run(run=run, reason="Its laptop slept.")
        report(Stage.TRAINING, "Training mlp")
        run.refresh_from_db()
        assert run.is_live
        raise LearningError("enough")

    with pytest.raises(LearningError, match="enough"):
        train(work)
    assert TrainingRun.objects.get().claims == 2


def test_without_a_database_it_trains_all_the_same(train, monkeypatch):
    monkeypatch.setattr(shell, "has_database", lambda: False)
    trained = []
    train(lambda **asked: trained.append(asked["version"]))
    assert trained == ["tiny-1"]
    assert not TrainingRun.objects.exists()


def test_looking_for_a_database_makes_none(monkeypatch, tmp_path: Path):
    assert has_database()
    absent = tmp_path / "db.sqlite3"
    monkeypatch.setitem(shell.connection.settings_dict, "NAME", absent)
    assert not has_database()
    assert not absent.exists()
