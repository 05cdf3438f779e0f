"""A worker's process exports and imports; one that dies is started again, one that is cancelled is stopped."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command

from analysis.audit.models import AuditEntry
from analysis.recognition.bundle import local_bundle
from analysis.versions.models import ModelVersion
from ferproject.file_storage import site_files
from training.models import VersionTransfer
from training.transfer_models import FOLDER
from training.transfers import services as transfers
from training.transfers import worker
from training.transfers.child import run_transfer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path: Path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.VAR_DIR = tmp_path


def queued(**fields: object) -> VersionTransfer:
    return VersionTransfer.objects.create(**{"kind": "export", "name": "tiny-1", **fields})


def carry_out(transfer: VersionTransfer) -> VersionTransfer:
    """Do what the worker's process does, in this one."""
    rows = VersionTransfer.objects.filter(pk=transfer.pk)
    token = transfers.LEASES.claim(rows, status="running")
    run_transfer(transfer_id=transfer.pk, token=token)
    return rows.get()


@pytest.mark.slow
@pytest.mark.usefixtures("convert_in_process", "small_mlp")
def test_a_version_leaves_as_a_zip_and_comes_back_under_another_name(store, settings, small_csv, administrator):
    settings.FER2013_PATH, settings.FER2013_VOTES_PATH = small_csv, small_csv.with_name("votes.csv")
    call_command("train", architecture="mlp", epochs=1, seed=7, data=small_csv, version="tiny-1")
    version = ModelVersion.objects.get(name="tiny-1")

    export = carry_out(transfers.start_export(version=version, by=administrator))
    assert (export.status, export.message, export.step) == ("finished", "", "")
    compared = export.facts["onnx_compared"]
    assert (compared["split"], compared["n"], compared["same_label"]["float32"]) == ("PublicTest", 14, 1.0)
    with default_storage.open(export.archive) as file:
        data = file.read()
    assert len(data) == export.bytes

    begun = transfers.start_import(name="back-1", size=len(data), by=administrator)
    came = carry_out(transfers.append_part(transfer=begun, offset=0, data=data))
    assert (came.status, came.message) == ("finished", "")
    assert came.version == ModelVersion.objects.get(name="back-1")
    assert local_bundle(store, "back-1").card["imported"]["name"] == "tiny-1"
    assert not (settings.VAR_DIR / "training" / "back-1").exists()
    entry = AuditEntry.objects.get(action=AuditEntry.VERSION_IMPORTED)
    assert (entry.actor, entry.subject, entry.details["name"]) == (administrator, "back-1", "tiny-1")
    assert [file.name for page in site_files().pages(f"{FOLDER}/") for file in page] == [export.archive]


@pytest.mark.slow
def test_a_zip_that_is_no_version_fails_with_the_reason(settings, small_csv, store, tmp_path, administrator):
    settings.FER2013_PATH = small_csv
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("other.txt", "words")
    data = (tmp_path / "other.zip").read_bytes()
    begun = transfers.start_import(name="theirs", size=len(data), by=administrator)
    failed = carry_out(transfers.append_part(transfer=begun, offset=0, data=data))
    assert failed.status == "failed"
    assert "Missing: card.json, model.json, model.weights.h5." in failed.message
    assert str(tmp_path) not in failed.message
    assert list(store.iterdir()) == []


def test_a_process_that_dies_is_started_again_and_given_up_in_the_end(monkeypatch, sent):
    monkeypatch.setattr(worker, "start_process", lambda *arguments: subprocess.Popen([sys.executable, "-c", "exit(3)"]))
    transfer = queued()
    for attempt in range(1, worker.MAX_ATTEMPTS + 1):
        worker.work_on_transfer(transfer_id=transfer.pk)
        transfer.refresh_from_db()
        assert (transfer.attempts, transfer.token) == (attempt, None)
    assert transfer.status == "failed"
    assert "status 3" in transfer.message
    assert sent == [str(transfer.pk)] * (worker.MAX_ATTEMPTS - 1)


def test_a_cancelled_transfers_process_is_stopped(monkeypatch):
    transfer = queued()

    def start(*arguments: object) -> subprocess.Popen[bytes]:
        transfers.cancel_transfer(transfer=transfer)
        started.append(
            subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
        )
        return started[0]

    started: list[subprocess.Popen[bytes]] = []
    monkeypatch.setattr(worker, "start_process", start)
    worker.work_on_transfer(transfer_id=transfer.pk)
    assert started[0].returncode is not None
    started[0].stdin.close()
    transfer.refresh_from_db()
    assert transfer.status == "cancelled"


def test_a_worker_that_stops_puts_its_transfer_back(monkeypatch, sent):
    monkeypatch.setattr(worker, "start_process", lambda *arguments: subprocess.Popen([sys.executable, "-c", "pass"]))
    monkeypatch.setattr(worker, "_watch", lambda child, token: worker.worker_stops.set())
    transfer = queued()
    try:
        worker.work_on_transfer(transfer_id=transfer.pk)
    finally:
        worker.worker_stops.clear()
    transfer.refresh_from_db()
    assert (transfer.status, transfer.token, sent) == ("queued", None, [])
