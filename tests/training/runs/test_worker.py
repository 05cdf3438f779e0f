"""Runs with real workers, a filesystem broker and training processes.

KILLS=10 kills as often as the figures ask for.
"""

import json
import os
import time

import psutil
import pytest

from tests.support.worker import RunningWorker

KILLS = int(os.environ.get("KILLS", "1"))
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def workers(tmp_path_factory, write_csv):
    """A place for workers; each test stops what it started."""
    folder = tmp_path_factory.mktemp("worker")
    rows = {"Training": 1400, "PublicTest": 70, "PrivateTest": 70}
    return RunningWorker(folder, write_csv(folder / "fer2013.csv", rows))


@pytest.fixture
def place(workers):
    yield workers
    workers.stop()
    workers.processes.clear()


def in_training(run):
    return run.state == "training" and run.batch > 0


def test_a_killed_worker_loses_at_most_one_epoch(place):
    worker = place.start()
    place.start_run("killed-1", epochs=KILLS + 1)
    for kill in range(KILLS):
        before = place.wait(
            "killed-1", lambda run, kill=kill: in_training(run) and run.epoch >= kill and run.batch > 10
        )
        trainer = trainer_of(worker)
        place.kill(worker)
        trainer.wait(10)
        worker = place.start()
        after = place.wait("killed-1", lambda run, before=before: run.claims > before.claims and in_training(run))
        assert after.epoch >= before.epoch
    run = place.wait("killed-1", lambda run: run.state == "finished")
    assert run.claims == KILLS + 1
    assert place.query("select count(*) from training_runepoch") == [(KILLS + 1,)]
    assert place.query("select name from analysis_modelversion") == [("killed-1",)]
    assert [path.name for path in place.store.iterdir()] == ["killed-1"]
    card = json.loads((place.store / "killed-1" / "card.json").read_text())
    assert len(card["trained"]["history"]) == KILLS + 1


def test_a_run_is_cancelled_within_ten_seconds_resumed_and_put_back_by_a_stopped_worker(place):
    worker = place.start()
    place.start_run("cancelled-1", epochs=60, batch_size=28)
    place.wait("cancelled-1", lambda run: in_training(run) and run.epoch >= 1)
    assert "pong" in place.ping()
    place.ask("cancel_run", "cancelled-1")
    asked = time.monotonic()
    run = place.wait("cancelled-1", lambda run: run.state == "cancelled", seconds=20)
    assert time.monotonic() - asked < 10
    kept = json.loads((place.folder / "training" / "cancelled-1" / "state.json").read_text())
    assert len(kept["history"]) == run.epoch
    assert (place.folder / "training" / "cancelled-1" / kept["weights"]).exists()
    assert trainer_of(worker) is None
    place.ask("resume_run", "cancelled-1")
    resumed = place.wait("cancelled-1", in_training)
    assert resumed.epoch >= run.epoch
    assert "Going on after epoch" in resumed.log
    worker.terminate()
    worker.wait(30)
    stopped = place.run("cancelled-1")
    assert stopped.state == "queued"
    assert "worker was stopped" in stopped.reason
    place.start()
    place.wait("cancelled-1", lambda run: run.claims == stopped.claims + 1)
    place.ask("cancel_run", "cancelled-1")
    place.wait("cancelled-1", lambda run: run.state == "cancelled", seconds=20)


def test_a_run_starts_soon_after_the_broker_is_back_and_fails_by_a_bad_data_file(place, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("emotion,pixels,Usage\n3,1 2 3,Training\n")
    broker, away = place.folder / "broker", place.folder / "broker.away"
    worker = place.start()
    place.shell("from ferproject.queue.broker import *; make_folders()")
    broker.rename(away)
    broker.write_text("A file where the broker's folder was.")
    place.start_run("waiting-1", data=str(bad))
    assert "The broker" in place.run("waiting-1").broker_problem
    assert worker.poll() is None
    broker.unlink()
    place.wait("waiting-1", lambda run: run.claims > 0, seconds=30)
    run = place.wait("waiting-1", lambda run: run.state == "failed")
    assert run.reason == f"Row 2 of {bad} must have 2,304 pixels. It has 3."


def test_two_workers_train_one_run_at_a_time(place):
    place.start(), place.start()
    place.start_run("two-1", epochs=60)
    place.start_run("two-2", epochs=1)
    place.wait("two-1", in_training)
    assert (place.run("two-1").claims, place.run("two-2").claims) == (1, 0)
    reason = place.shell(
        "from training.models import TrainingRun; from training.runs.presentation import waiting_reason;"
        "print(waiting_reason(run=TrainingRun.objects.get(name='two-2')))"
    )
    assert "two-1 is being trained, and only one run trains at a time" in reason
    place.ask("cancel_run", "two-1")
    place.wait("two-2", lambda run: run.claims == 1, seconds=60)
    place.ask("cancel_run", "two-2")
    place.wait("two-2", lambda run: run.state == "cancelled", seconds=20)


def trainer_of(worker):
    """The process that trains for `worker`; None when there is none."""
    children = psutil.Process(worker.pid).children()
    return next((child for child in children if "training.runs.process" in child.cmdline()), None)
