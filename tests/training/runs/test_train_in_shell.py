"""`manage.py train`, recorded as a run."""

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


def test_the_run_is_live_while_it_trains(train):
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
def test_an_interrupted_run_is_cancelled_and_can_be_repeated(train, stopped):
    def work(**_):
        raise stopped

    for _ in range(2):
        with pytest.raises(stopped):
            train(work)
    assert TrainingRun.objects.get().state == State.CANCELLED


def test_it_can_be_cancelled_in_the_admin(train):
    def work(*, report, **_):
        TrainingRun.objects.update(cancel_requested_at=timezone.now())
        report(Stage.TRAINING, "Training mlp")

    with pytest.raises(TrainingStopped):
        train(work)
    assert TrainingRun.objects.get().state == State.CANCELLED


@pytest.mark.parametrize("state", [State.TRAINING, State.QUEUED])
def test_an_open_run_of_that_name_is_refused(train, make_run, state):
    make_run("tiny-1", state)
    with pytest.raises(RunError, match="tiny-1: a run of this name is already waiting or in progress"):
        train(lambda **_: None)


def test_it_waits_for_a_live_run_and_reports_it(train, make_run, monkeypatch):
    other = make_run("mlp-1", State.TRAINING)
    monkeypatch.setattr(shell.time, "sleep", lambda seconds: claims.end_claim(token=other.token, state=State.CANCELLED))

    def work(**_):
        raise LearningError("it started")

    with pytest.raises(LearningError, match="it started"):
        train(work)
    assert train.reported == ["Waiting for mlp-1: only one run trains at a time"]


def test_a_lost_run_is_claimed_again(train):
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


def test_without_a_database_it_trains(train, monkeypatch):
    monkeypatch.setattr(shell, "has_database", lambda: False)
    trained = []
    train(lambda **asked: trained.append(asked["version"]))
    assert trained == ["tiny-1"]
    assert not TrainingRun.objects.exists()


@pytest.mark.sqlite
def test_has_database_creates_no_file(monkeypatch, tmp_path: Path):
    assert has_database()
    absent = tmp_path / "db.sqlite3"
    monkeypatch.setitem(shell.connection.settings_dict, "NAME", absent)
    assert not has_database()
    assert not absent.exists()
