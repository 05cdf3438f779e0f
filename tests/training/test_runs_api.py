"""The API of training runs."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from accounts.tokens import services as tokens
from tests.support.shipped import DEFAULT
from training.models import RunEpoch, State, TrainingRun

RUNS = "/api/v1/runs/"


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    settings.FER2013_PATH = tmp_path / "fer2013.csv"
    settings.FER2013_PATH.write_text("emotion,pixels,Usage\n")
    return settings.FER2013_PATH


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("ferproject.queue.leases.send", lambda task, *arguments: None)


def _program(user, scope="write") -> APIClient:
    new = tokens.create_token(user=user, name=scope, scope=scope, expires_in=None)
    return APIClient(HTTP_AUTHORIZATION=f"Token {new.secret}")


@pytest.fixture
def staff(administrator) -> APIClient:
    return _program(administrator)


@pytest.fixture
def run(db) -> TrainingRun:
    run = TrainingRun.objects.create(
        name="mlp-1",
        architecture="mlp",
        epochs=4,
        epoch=2,
        state=State.QUEUED,
        configuration={"architecture": "mlp", "epochs": 4, "data": "/srv/fer2013.csv"},
    )
    for number in (1, 2):
        RunEpoch.objects.create(run=run, number=number, loss=2, accuracy=0.3, val_loss=2, val_accuracy=0.4, seconds=9)
    return run


def test_a_run_is_started_with_the_recipe(staff, administrator):
    answer = staff.post(RUNS, {"architecture": "mlp"}, format="json")
    assert answer.status_code == 201
    run = TrainingRun.objects.get()
    assert (run.name, run.epochs, run.created_by) == ("mlp-1", 5, administrator)
    assert answer.json()["id"] == str(run.pk)
    assert answer.json()["state"] == "queued"


def test_the_settings_are_saved(staff):
    asked = {"epochs": 2, "learning_rate": 0.01, "batch_size": 32, "augmentation": "strong", "seed": 3, "limit": 2000}
    staff.post(RUNS, {"architecture": "cnn", "name": "mine", **asked}, format="json")
    found = TrainingRun.objects.get(name="mine").configuration
    assert found == found | asked


def test_start_version_and_teachers_are_saved(staff):
    versions = {"start_from": DEFAULT, "teachers": [DEFAULT, DEFAULT, "residual-1"]}
    answer = staff.post(RUNS, {"architecture": "wide_residual", **versions}, format="json")
    assert answer.status_code == 201
    assert answer.json()["settings"] == answer.json()["settings"] | versions
    assert TrainingRun.objects.get().configuration["teachers"] == f"{DEFAULT},{DEFAULT},residual-1"


def test_a_start_version_of_another_architecture_is_refused(staff):
    answer = staff.post(RUNS, {"architecture": "mlp", "start_from": DEFAULT}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "version_unfit")
    assert f"needs versions of the architecture mlp. {DEFAULT} has wide_residual." in answer.json()["message"]


def test_unknown_versions_are_refused_by_name(staff):
    unknown = {"start_from": "one", "teachers": ["two", DEFAULT, "two"]}
    answer = staff.post(RUNS, {"architecture": "mlp", **unknown}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "version_unknown")
    assert "This site has no version called one, two." in answer.json()["message"]
    assert not TrainingRun.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"architecture": "transformer"}, "architecture"),
        ({}, "architecture"),
        ({"architecture": "mlp", "epochs": 0}, "epochs"),
        ({"architecture": "mlp", "learning_rate": -1}, "learning_rate"),
        ({"architecture": "mlp", "learning_rate": "nan"}, "learning_rate"),
        ({"architecture": "mlp", "name": "../up"}, "name"),
        ({"architecture": "mlp", "seed": 2**40}, "seed"),
        ({"architecture": "mlp", "precision": "int4"}, "precision"),
        ({"architecture": "mlp", "start_from": "../up"}, "start_from"),
        ({"architecture": "mlp", "teachers": "residual-1"}, "teachers"),
    ],
)
def test_an_invalid_value_names_its_field(staff, wrong, field):
    answer = staff.post(RUNS, wrong, format="json")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_a_name_is_unique(staff, run):
    answer = staff.post(RUNS, {"architecture": "mlp", "name": run.name}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")


def test_missing_data_is_refused_with_instructions(staff, data):
    data.unlink()
    answer = staff.post(RUNS, {"architecture": "mlp"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (503, "data_missing")
    assert "Download fer2013.csv" in answer.json()["message"]


def test_a_run_is_returned_with_its_epochs(staff, run):
    answer = staff.get(f"{RUNS}{run.pk}/").json()
    assert answer["progress"] == 0.5
    assert [epoch["number"] for epoch in answer["epoch_figures"]] == [1, 2]
    assert "No training worker is running" in answer["waiting_reason"]


def test_server_paths_are_hidden(staff, run):
    assert "/srv" not in staff.get(f"{RUNS}{run.pk}/").content.decode()


def test_a_run_is_cancelled_and_resumed(staff, run):
    assert staff.post(f"{RUNS}{run.pk}/cancel/").json()["state"] == "cancelled"
    assert staff.post(f"{RUNS}{run.pk}/cancel/").json()["code"] == "is_over"
    assert staff.post(f"{RUNS}{run.pk}/resume/").json()["state"] == "queued"
    assert staff.post(f"{RUNS}{run.pk}/resume/").status_code == 409


def test_only_staff_see_runs(user, run):
    program = _program(user)
    for answer in (program.get(RUNS), program.get(f"{RUNS}{run.pk}/"), program.post(f"{RUNS}{run.pk}/cancel/")):
        assert (answer.status_code, answer.json()["code"]) == (403, "staff_only")


def test_staff_need_permissions(user, run):
    user.is_staff = True
    user.save()
    program = _program(user)
    assert program.get(RUNS).json()["code"] == "forbidden"
    user.user_permissions.add(Permission.objects.get(codename="view_trainingrun"))
    assert program.get(RUNS).status_code == 200
    assert program.post(f"{RUNS}{run.pk}/cancel/").status_code == 403


def test_a_read_only_token_is_refused(administrator):
    answer = _program(administrator, "read").post(RUNS, {"architecture": "mlp"}, format="json")
    assert answer.json()["code"] == "read_only_token"


def test_the_list_takes_two_queries(staff, run, django_assert_num_queries):
    staff.get(RUNS)
    with django_assert_num_queries(2):
        assert len(staff.get(RUNS).json()["results"]) == 1
    for number in range(5):
        TrainingRun.objects.create(name=f"more-{number}", architecture="mlp")
    with django_assert_num_queries(2):
        assert len(staff.get(RUNS).json()["results"]) == 6
