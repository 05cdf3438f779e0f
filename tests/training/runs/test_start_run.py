"""Starting a run."""

import subprocess
import sys

import pytest

from tests.support.site import PROJECT
from training.errors import RunError
from training.models import TrainingRun
from training.run_settings import RunSettings
from training.runs.presentation import waiting_reason
from training.runs.services import propose_name, start_run

SMALL = RunSettings(architecture="mlp", epochs=2)


def test_it_is_queued_and_sent(db, data_there, store, administrator, broker, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        run = start_run(name="mlp-1", settings=SMALL, by=administrator)
    run.refresh_from_db()
    assert (run.state, run.epochs, run.created_by) == ("queued", 2, administrator)
    assert run.configuration["data"] == str(data_there)
    assert broker.sent == [str(run.pk)]


def test_missing_data_is_refused_with_instructions(db, store, settings, tmp_path):
    settings.FER2013_PATH = tmp_path / "fer2013.csv"
    with pytest.raises(RunError) as caught:
        start_run(name="mlp-1", settings=SMALL, by=None)
    assert caught.value.code == "data_missing"
    for part in (str(tmp_path / "fer2013.csv"), "kaggle.com", "FER2013_PATH"):
        assert part in caught.value.message
    assert not TrainingRun.objects.exists()


def test_votes_need_their_own_file(db, store, data_there, settings, tmp_path):
    settings.FER2013_VOTES_PATH = tmp_path / "fer2013new.csv"
    with pytest.raises(RunError, match=r"fer2013new\.csv does not exist.*FERPlus.*FER2013_VOTES_PATH"):
        start_run(name="mlp-1", settings=RunSettings(architecture="mlp", votes=True), by=None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"architecture": "transformer"},
            "architecture is “transformer”. It must be one of these: mlp, cnn, ",
        ),
        ({"epochs": 0}, "epochs is 0. It must be 1 or more."),
        ({"learning_rate": -1.0}, "learning_rate is -1. It must be more than 0"),
        ({"batch_size": 0}, "batch_size is 0. It must be 1 or more."),
        ({"augmentation": "wild"}, "augmentation is “wild”. It must be one of these: none, light, strong, robust"),
        ({"limit": 0}, "limit is 0. It must be 1 or more."),
    ],
)
def test_an_invalid_value_is_refused(db, store, data_there, changes, message):
    with pytest.raises(RunError) as caught:
        start_run(name="mlp-1", settings=RunSettings(**{"architecture": "mlp", **changes}), by=None)
    assert caught.value.code == "bad_settings"
    assert message in caught.value.message


@pytest.mark.parametrize("name", ["", "../elsewhere", "-x", "a b", "x" * 65])
def test_a_name_must_be_a_safe_folder_name(db, store, data_there, name):
    with pytest.raises(RunError) as caught:
        start_run(name=name, settings=SMALL, by=None)
    assert caught.value.code == "bad_name"


def test_a_name_is_unique(db, store, data_there, make_run):
    make_run("mlp-1")
    (store / "mlp-2").mkdir()
    for taken in ("mlp-1", "mlp-2"):
        with pytest.raises(RunError, match=f"A run or version called “{taken}” already exists"):
            start_run(name=taken, settings=SMALL, by=None)
    assert propose_name("mlp") == "mlp-3"


def test_without_a_broker_it_waits_with_a_reason(db, data_there, store, broker, django_capture_on_commit_callbacks):
    broker.away = True
    with django_capture_on_commit_callbacks(execute=True):
        run = start_run(name="mlp-1", settings=SMALL, by=None)
    run.refresh_from_db()
    assert run.state == "queued"
    assert "The broker takes no messages" in waiting_reason(run=run)
    assert "once the message broker can be reached" in waiting_reason(run=run)


def test_a_second_run_waits_with_a_reason(db, data_there, store, broker, make_run, django_capture_on_commit_callbacks):
    make_run("mlp-1", "training")
    with django_capture_on_commit_callbacks(execute=True):
        run = start_run(name="mlp-2", settings=SMALL, by=None)
    assert broker.sent == []
    assert "mlp-1 is being trained, and only one run trains at a time" in waiting_reason(run=run)


def test_without_a_worker_the_reason_says_so(db, make_run):
    assert "No training worker is running" in waiting_reason(run=make_run())


def test_checking_settings_does_not_import_keras():
    program = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'ferproject.settings'; django.setup();"
        "from training.run_settings import RunSettings;"
        "from training.runs.services import check_settings;"
        "check_settings(RunSettings(architecture='residual'));"
        "heavy = {'tensorflow', 'keras'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True)
