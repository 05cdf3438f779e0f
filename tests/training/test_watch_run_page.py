"""A training run's page in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from tests.support.cards import make_version
from training.models import RunEpoch, State, TrainingRun
from training.runs.presentation import duration


@pytest.fixture(autouse=True)
def data(settings, tmp_path) -> None:
    settings.FER2013_PATH = tmp_path / "fer2013.csv"
    settings.FER2013_PATH.write_text("emotion,pixels,Usage\n")


@pytest.fixture
def admin(client: Client, administrator) -> Client:
    client.force_login(administrator)
    return client


def make_run(state: str = State.QUEUED, **values: Any) -> TrainingRun:
    """A run that asked for the architecture's own, in some state."""
    settings = {"architecture": "mlp", "epochs": 2, "learning_rate": None, "seed": 0, "votes": False}
    live = {"slot": 1, "heartbeat_at": timezone.now(), "host": "elsewhere", "process": "1"}
    return TrainingRun.objects.create(
        **{"name": "mlp-7", "architecture": "mlp", "configuration": settings, "epochs": 2, "state": state}
        | (live if state in (State.PREPARING, State.TRAINING, State.EVALUATING) else {})
        | values
    )


def address(run: TrainingRun, name: str = "change") -> str:
    return f"/admin/training/trainingrun/{run.pk}/{name}/"


def test_status_json(admin: Client):
    run = make_run(State.TRAINING, epoch=1, batch=3, batches=6, seconds=75, images_per_second=410.4, memory_mb=1890)
    RunEpoch.objects.create(run=run, number=1, loss=1.5, accuracy=0.4, val_loss=1.6, val_accuracy=0.3, seconds=50)

    response = admin.get(address(run, "status"))

    assert "no-store" in response["Cache-Control"]
    assert response.json() == {
        "state": "training",
        "over": False,
        "progress": 0.75,
        "texts": {
            "label": "Training",
            "reason": "",
            "progress": "Epoch 2 of 2, batch 3 of 6",
            "elapsed": "1 min 15 s",
            "remaining": "25 s",
            "speed": "410 images per second",
            "memory": "1,890 MB",
            "host": "elsewhere",
        },
        "epochs": [{"number": 1, "loss": 1.5, "val_loss": 1.6, "accuracy": 0.4, "val_accuracy": 0.3}],
        "log": "",
        "can": {"cancel": True, "resume": False, "delete": False},
        "version_url": None,
    }


def test_the_page_is_complete_without_scripts(admin: Client):
    run = make_run(State.TRAINING, epoch=1, batch=3, batches=6, log="epoch 1: loss 1.500")
    RunEpoch.objects.create(run=run, number=1, loss=1.5, accuracy=0.4, val_loss=1.6, val_accuracy=0.3, seconds=50)

    content = admin.get(address(run)).content.decode()

    assert "Epoch 2 of 2, batch 3 of 6" in content
    assert '<td data-value="1.500000">1.500</td>' in content
    assert "epoch 1: loss 1.500" in content
    assert "0.001 (the architecture’s own)" in content
    assert "<dt>Seed</dt><dd>0</dd>" in content
    assert "<dt>Use the FER+ votes</dt><dd>No</dd>" in content


def test_a_waiting_run_shows_its_reason(admin: Client):
    make_run(State.TRAINING, name="mlp-6")
    run = make_run()

    assert "mlp-6" in admin.get(address(run, "status")).json()["texts"]["reason"]


def test_a_failed_run_shows_its_reason(admin: Client):
    run = make_run(State.FAILED, reason="Row 17 of fer2013.csv must have 2,304 pixels. It has 12.")

    assert admin.get(address(run, "status")).json()["texts"]["reason"] == run.reason
    assert run.reason in admin.get(address(run)).content.decode()


def test_a_finished_run_links_to_its_version(admin: Client):
    version = make_version("mlp-7")
    run = make_run(State.FINISHED, epoch=2)

    assert admin.get(address(run, "status")).json()["version_url"] == (
        f"/admin/analysis/modelversion/{version.pk}/change/"
    )


def test_a_waiting_run_is_cancelled_and_resumed(admin: Client):
    run = make_run()

    admin.post(address(run, "cancel"))
    run.refresh_from_db()
    assert run.state == State.CANCELLED

    admin.post(address(run, "resume"))
    run.refresh_from_db()
    assert run.state == State.QUEUED


def test_a_refused_action_shows_a_message(admin: Client):
    run = make_run(State.FINISHED)

    content = admin.post(address(run, "resume"), follow=True).content.decode()

    assert "mlp-7 can be resumed once it is cancelled" in content


def test_a_run_can_be_started_again_with_the_same_settings(admin: Client, administrator):
    run = make_run(State.FAILED)

    response = admin.post(address(run, "again"))

    again = TrainingRun.objects.exclude(pk=run.pk).get()
    assert response.url == address(again)
    assert (again.configuration["epochs"], again.created_by) == (2, administrator)


def test_deleting_lists_what_is_deleted(admin: Client):
    run = make_run(State.CANCELLED)

    assert "can no longer be resumed" in admin.get(address(run, "delete")).content.decode()
    admin.post(address(run, "delete"), {"post": "yes"})

    assert not TrainingRun.objects.exists()


def test_a_live_run_is_not_deleted(admin: Client):
    run = make_run(State.TRAINING)

    assert admin.post(address(run, "delete"), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("name", ["cancel", "resume", "again"])
def test_actions_refuse_get(admin: Client, name: str):
    assert admin.get(address(make_run(), name)).status_code == 405


@pytest.mark.parametrize("name", ["cancel", "resume", "again", "delete"])
def test_the_view_permission_allows_no_action(client: Client, user, name: str):
    user.is_staff = True
    user.save()
    user.user_permissions.add(Permission.objects.get(codename="view_trainingrun"))
    client.force_login(user)
    run = make_run(State.FAILED)

    page = client.get(address(run)).content.decode()

    assert address(run, name) not in page
    assert client.post(address(run, name), {"post": "yes"}).status_code == 403
    assert TrainingRun.objects.get().state == State.FAILED


def test_the_page_needs_the_view_permission(client: Client, user):
    run = make_run()
    client.force_login(user)
    assert client.get(address(run, "status")).status_code == 302

    user.is_staff = True
    user.save()
    assert client.get(address(run, "status")).status_code == 403
    assert client.get(address(run)).status_code == 403


def test_a_deleted_run_is_404(admin: Client):
    run = make_run()
    TrainingRun.objects.all().delete()

    assert admin.get(address(run)).status_code == 404
    assert admin.get(address(run, "status")).status_code == 404


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "–"), (0.4, "0 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (3725, "1 h 2 min")]
)
def test_duration(seconds: float | None, text: str):
    assert duration(seconds) == text
