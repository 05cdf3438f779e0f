"""The version that a process serves changes without a restart."""

import logging
import shutil
import time

import numpy as np
import pytest
from django.db import OperationalError

from analysis.recognition.classifier import Classifier
from analysis.recognition.errors import RecognitionError
from analysis.versions.active import ServingModel
from analysis.versions.lookup import Lookup, PinnedVersion

FACE = np.zeros((1, 48, 48), np.uint8)


class ActiveVersion:
    """A stand-in for the query of the versions: what it returns or raises, and how often it is called."""

    def __init__(self) -> None:
        self.version: PinnedVersion | Exception | None = None
        self.lookups = 0

    def __call__(self) -> Lookup:
        self.lookups += 1
        if isinstance(self.version, Exception):
            raise self.version
        return Lookup(self.version)


@pytest.fixture
def active() -> ActiveVersion:
    return ActiveVersion()


@pytest.fixture
def serving_model(store, active) -> ServingModel:
    """One that looks at the active when told to."""
    store.write("second-1")
    return ServingModel(store=store.folder, look_up=active, refresh_seconds=0.0)


@pytest.fixture
def second_active(store, serving_model) -> PinnedVersion:
    return PinnedVersion("second-1", store.pins("second-1"))


def test_without_an_active_version_the_shipped_default_serves(serving_model, active):
    serving_model.refresh()
    assert serving_model.bundle().name == "first-1"


def test_without_a_refresh_interval_it_makes_no_query(serving_model, active):
    assert (serving_model.bundle().name, active.lookups) == ("first-1", 0)


def test_without_a_database_the_shipped_default_serves(serving_model, active, caplog):
    active.version = OperationalError("no such table: analysis_modelversion")
    serving_model.refresh()
    serving_model.refresh()
    assert serving_model.bundle().name == "first-1"
    assert caplog.text.count("no such table") == 1


def test_the_active_version_serves(serving_model, active, second_active):
    active.version = second_active
    serving_model.refresh()
    assert serving_model.bundle().name == "second-1"


def test_an_unchanged_version_is_not_loaded_again(serving_model, active, second_active):
    active.version = second_active
    serving_model.refresh()
    bundle = serving_model.bundle()
    active.version = PinnedVersion("second-1", dict(second_active.pins))
    serving_model.refresh()
    assert serving_model.bundle() is bundle


def test_the_current_version_serves_on_without_a_database(serving_model, active, second_active):
    active.version = second_active
    serving_model.refresh()
    active.version = OperationalError("server closed the connection")
    serving_model.refresh()
    assert serving_model.bundle().name == "second-1"


def test_a_database_that_is_away_is_logged_when_it_goes_and_when_it_is_back(
    serving_model, active, second_active, caplog
):
    for found in (
        second_active,
        OperationalError("the server closed the connection"),
        OperationalError("connection refused"),
        second_active,
        second_active,
    ):
        active.version = found
        serving_model.refresh()
    assert [(record.levelname, record.message, record.exc_info) for record in caplog.records] == [
        ("WARNING", "Which model version is active could not be looked up: the server closed the connection", None),
        ("WARNING", "Which model version is active can be looked up again.", None),
    ]


@pytest.mark.parametrize("step", ["report_process", "remove_unregistered"])
def test_a_database_that_goes_away_after_the_lookup_leaves_no_traceback(store, active, monkeypatch, caplog, step):
    asked = []

    def fail(*_: object) -> None:
        asked.append(step)
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(f"analysis.versions.active.{step}", fail)
    ServingModel(store=store.folder, look_up=active, refresh_seconds=0.01).bundle()
    assert _within(5, lambda: len(asked) > 2)
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("damage", ["changed byte", "broken network", "missing file"])
def test_the_current_version_serves_on_where_the_new_one_cannot(serving_model, store, active, caplog, damage):
    if damage == "changed byte":
        active.version = PinnedVersion("second-1", store.pins("second-1"))
        store.break_byte("second-1")
    elif damage == "broken network":
        active.version = PinnedVersion("broken-1", store.write("broken-1", model_tflite=b"no network"))
    else:
        active.version = PinnedVersion("gone-1", store.pins("second-1"))
    serving_model.bundle()
    with caplog.at_level(logging.ERROR):
        serving_model.refresh()
        serving_model.refresh()
    assert serving_model.bundle().name == "first-1"
    assert caplog.text.count("The active model version cannot serve") == 1


def test_a_broken_version_at_the_start_is_an_error_naming_the_file(serving_model, store, active, second_active):
    active.version = second_active
    store.break_byte("second-1")
    serving_model.refresh()
    with pytest.raises(RecognitionError, match=r"second-1/model\.tflite was changed") as caught:
        serving_model.bundle()
    assert caught.value.code == "model_corrupt"
    assert "manage.py rollback" in caught.value.message


def test_a_repaired_version_serves(serving_model, store, active, second_active):
    active.version = second_active
    store.break_byte("second-1")
    serving_model.refresh()
    store.break_byte("second-1")  # the same bit again: as it was
    serving_model.refresh()
    assert serving_model.bundle().name == "second-1"


def test_a_loaded_version_needs_no_files(serving_model, store, active, second_active):
    active.version = second_active
    serving_model.refresh()
    bundle = serving_model.bundle()
    shutil.rmtree(store.folder / "second-1")
    assert Classifier(bundle).classify(FACE).sum() == pytest.approx(1)


def test_a_change_is_noticed_within_the_refresh_interval(store, active, second_active):
    following = ServingModel(store=store.folder, look_up=active, refresh_seconds=0.05)
    assert following.bundle().name == "first-1"
    active.version = second_active
    assert _within(5, lambda: following.bundle().name == "second-1")
    active.version = None
    assert _within(5, lambda: following.bundle().name == "first-1")


def test_reading_the_bundle_makes_no_query(store, active):
    following = ServingModel(store=store.folder, look_up=active, refresh_seconds=60.0)
    for _ in range(100):
        following.bundle()
    assert active.lookups == 1


def test_the_watcher_survives_any_error(store, active, second_active, monkeypatch, caplog):
    following = ServingModel(store=store.folder, look_up=active, refresh_seconds=0.05)
    following.bundle()
    monkeypatch.setattr("analysis.versions.active.read_bundle", lambda *_: 1 / 0)
    active.version = second_active
    assert _within(5, lambda: "ZeroDivisionError" in caplog.text)
    monkeypatch.undo()
    assert _within(5, lambda: following.bundle().name == "second-1")


def _within(seconds: float, condition) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False
