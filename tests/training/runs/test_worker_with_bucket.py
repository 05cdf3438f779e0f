"""Two hosts with one database and one bucket: a training goes on where its worker does not."""

import json
import time

import pytest

from tests.support.worker import RunningWorker
from tests.training.runs.test_worker import in_training, trainer_of

pytestmark = pytest.mark.slow


def await_that(condition):
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.fixture
def hosts(tmp_path, write_csv, s3_server):
    rows = {"Training": 1400, "PublicTest": 70, "PrivateTest": 70}
    data = write_csv(tmp_path / "fer2013.csv", rows)
    environment = {**s3_server.environment(), "SECRET_KEY": "of both"}
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one = RunningWorker(tmp_path / "one", data, **environment)
    (tmp_path / "two" / "db.sqlite3").symlink_to(tmp_path / "one" / "db.sqlite3")
    two = RunningWorker(tmp_path / "two", data, **environment)
    yield one, two
    for host in (one, two):
        host.stop()


def test_a_killed_workers_run_goes_on_elsewhere_from_its_last_epoch(hosts, s3_server):
    one, two = hosts
    bucket = one.environment["S3_BUCKET"]
    worker = one.start()
    one.start_run("moved-1", epochs=4)
    before = one.wait("moved-1", lambda run: in_training(run) and run.epoch >= 1 and run.batch > 10)
    trainer = trainer_of(worker)
    one.kill(worker)
    trainer.wait(10)
    assert s3_server.names(bucket) == ["training/moved-1/checkpoint.tar"]
    two.start()
    run = one.wait("moved-1", lambda run: run.state == "finished")
    assert f"Going on after epoch {before.epoch}" in run.log

    await_that(lambda: not [name for name in s3_server.names(bucket) if name.startswith("training/")])
    files = ["card.json", "model.json", "model.tflite", "model.weights.h5"]
    names = s3_server.names(bucket)
    assert sorted(name.rsplit("/", 1)[1] for name in names) == files
    assert {name.split("/")[1] for name in names} == {"moved-1"}
    made = two.folder / "cache" / "models" / "moved-1"
    assert sorted(path.name for path in made.iterdir()) == files
    assert len(json.loads((made / "card.json").read_text())["trained"]["history"]) == 4
    assert not list(two.store.iterdir())

    left = one.folder / "training" / "moved-1"
    assert left.exists()
    one.start()
    await_that(lambda: not left.exists())
