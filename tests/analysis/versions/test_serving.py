"""Which version a process serves, followed without a restart."""

import logging
import shutil
import time

import numpy as np
import pytest
from django.db import OperationalError

from analysis.recognition.classifier import Classifier
from analysis.recognition.errors import RecognitionError
from analysis.versions.active import PinnedVersion, ServingModel

FACE = np.zeros((1, 48, 48), np.uint8)


class Row:
    """The active version's row: what is chosen, or what asking for it raises."""

    def __init__(self) -> None:
        self.choice: PinnedVersion | Exception | None = None
        self.questions = 0

    def __call__(self) -> PinnedVersion | None:
        self.questions += 1
        if isinstance(self.choice, Exception):
            raise self.choice
        return self.choice


@pytest.fixture
def row() -> Row:
    return Row()


@pytest.fixture
def serving_model(store, row) -> ServingModel:
    """One that looks at the row when told to."""
    store.write("second-1")
    return ServingModel(store=store.folder, read_active=row, refresh_seconds=0.0)


@pytest.fixture
def second_chosen(store, serving_model) -> PinnedVersion:
    return PinnedVersion("second-1", store.pins("second-1"))


def test_without_a_choice_the_shipped_default_serves(serving_model, row):
    serving_model.refresh()
    assert serving_model.bundle().name == "first-1"


def test_it_never_asks_by_itself_where_it_does_not_follow(serving_model, row):
    assert (serving_model.bundle().name, row.questions) == ("first-1", 0)


def test_without_a_database_the_shipped_default_serves(serving_model, row, caplog):
    row.choice = OperationalError("no such table: analysis_modelversion")
    serving_model.refresh()
    serving_model.refresh()
    assert serving_model.bundle().name == "first-1"
    assert caplog.text.count("no such table") == 1


def test_the_chosen_one_serves(serving_model, row, second_chosen):
    row.choice = second_chosen
    serving_model.refresh()
    assert serving_model.bundle().name == "second-1"


def test_an_unchanged_choice_stays_the_same_object(serving_model, row, second_chosen):
    row.choice = second_chosen
    serving_model.refresh()
    bundle = serving_model.bundle()
    row.choice = PinnedVersion("second-1", dict(second_chosen.pins))
    serving_model.refresh()
    assert serving_model.bundle() is bundle


def test_the_older_one_serves_on_while_the_database_is_away(serving_model, row, second_chosen):
    row.choice = second_chosen
    serving_model.refresh()
    row.choice = OperationalError("server closed the connection")
    serving_model.refresh()
    assert serving_model.bundle().name == "second-1"


@pytest.mark.parametrize("damage", ["changed byte", "broken network", "missing file"])
def test_the_older_one_serves_on_where_the_new_one_cannot(serving_model, store, row, caplog, damage):
    if damage == "changed byte":
        row.choice = PinnedVersion("second-1", store.pins("second-1"))
        store.break_byte("second-1")
    elif damage == "broken network":
        row.choice = PinnedVersion("broken-1", store.write("broken-1", model_tflite=b"no network"))
    else:
        row.choice = PinnedVersion("gone-1", store.pins("second-1"))
    serving_model.bundle()
    with caplog.at_level(logging.ERROR):
        serving_model.refresh()
        serving_model.refresh()
    assert serving_model.bundle().name == "first-1"
    assert caplog.text.count("The active model version cannot serve") == 1


def test_at_the_start_a_broken_choice_is_an_error_naming_the_file(serving_model, store, row, second_chosen):
    row.choice = second_chosen
    store.break_byte("second-1")
    serving_model.refresh()
    with pytest.raises(RecognitionError, match=r"second-1/model\.tflite: expected SHA-256") as caught:
        serving_model.bundle()
    assert caught.value.code == "model_corrupt"
    assert "manage.py rollback" in caught.value.message


def test_once_mended_it_serves(serving_model, store, row, second_chosen):
    row.choice = second_chosen
    store.break_byte("second-1")
    serving_model.refresh()
    store.break_byte("second-1")  # the same bit again: as it was
    serving_model.refresh()
    assert serving_model.bundle().name == "second-1"


def test_what_was_verified_needs_no_file_any_more(serving_model, store, row, second_chosen):
    row.choice = second_chosen
    serving_model.refresh()
    bundle = serving_model.bundle()
    shutil.rmtree(store.folder / "second-1")
    assert Classifier(bundle).classify(FACE).sum() == pytest.approx(1)


def test_a_follower_notices_within_its_pause(store, row, second_chosen):
    following = ServingModel(store=store.folder, read_active=row, refresh_seconds=0.05)
    assert following.bundle().name == "first-1"
    row.choice = second_chosen
    assert _within(5, lambda: following.bundle().name == "second-1")
    row.choice = None
    assert _within(5, lambda: following.bundle().name == "first-1")


def test_asking_for_the_bundle_asks_no_database(store, row):
    following = ServingModel(store=store.folder, read_active=row, refresh_seconds=60.0)
    for _ in range(100):
        following.bundle()
    assert row.questions == 1


def test_a_follower_survives_whatever_goes_wrong(store, row, second_chosen, monkeypatch, caplog):
    following = ServingModel(store=store.folder, read_active=row, refresh_seconds=0.05)
    following.bundle()
    monkeypatch.setattr("analysis.versions.active.read_bundle", lambda *_: 1 / 0)
    row.choice = second_chosen
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
