"""Exports and imports are queued once, checked first, and leave nothing behind."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from analysis.audit.models import AuditEntry
from analysis.versions.models import ModelVersion
from analysis.versions.services import delete_version
from ferproject.file_storage import site_files
from training.errors import RunError
from training.models import VersionTransfer
from training.transfer_models import FOLDER
from training.transfers import services as transfers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_there")]
TOKEN = "00000000-0000-4000-8000-000000000001"
ZIP = b"PK\x03\x04 a zip"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def version() -> ModelVersion:
    return ModelVersion.objects.create(name="mine-1", origin="trained", pins={}, card={})


def begin(administrator, name: str = "theirs", size: int = len(ZIP)) -> VersionTransfer:
    return transfers.start_import(name=name, size=size, by=administrator)


def stored() -> list[str]:
    return [file.name for page in site_files().pages(f"{FOLDER}/") for file in page]


def finished_export(version: ModelVersion, **fields: Any) -> VersionTransfer:
    made = VersionTransfer.objects.create(
        kind="export", name=version.name, version=version, status="finished", **{"ended_at": timezone.now(), **fields}
    )
    default_storage.save(made.archive, ContentFile(ZIP))
    return made


def test_an_export_is_queued_once_and_recorded(version, administrator, sent):
    first = transfers.start_export(version=version, by=administrator)
    assert transfers.start_export(version=version, by=administrator) == first
    assert sent == [str(first.pk)]
    entry = AuditEntry.objects.get(action=AuditEntry.VERSION_EXPORTED)
    assert (entry.actor, entry.subject) == (administrator, "mine-1")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": "no name"}, "bad_name"),
        ({"name": "mine-1"}, "name_taken"),
        ({"size": 0}, "empty_file"),
        ({"size": transfers.MAX_BYTES + 1}, "too_large"),
    ],
)
def test_an_import_is_refused_before_its_upload(version, administrator, values, code):
    with pytest.raises(RunError) as caught:
        begin(administrator, **values)
    assert caught.value.code == code
    assert not VersionTransfer.objects.exists()


def test_an_import_needs_the_training_data_and_a_name_that_no_other_import_has(administrator, data_there):
    begin(administrator)
    with pytest.raises(RunError, match="is already being imported"):
        begin(administrator)
    data_there.unlink()
    with pytest.raises(RunError) as caught:
        begin(administrator, name="others")
    assert caught.value.code == "data_missing"


def test_so_many_may_be_under_way(administrator, monkeypatch):
    monkeypatch.setattr(transfers, "MAX_OPEN", 1)
    begin(administrator)
    with pytest.raises(RunError) as caught:
        begin(administrator, name="others")
    assert (caught.value.code, caught.value.retryable) == ("too_many_jobs", True)


def test_the_last_part_queues_an_import(administrator, sent):
    transfer = begin(administrator)
    transfer = transfers.append_part(transfer=transfer, offset=0, data=ZIP[:5])
    assert (transfer.status, transfer.received, sent) == ("uploading", 5, [])
    with pytest.raises(RunError) as caught:
        transfers.append_part(transfer=transfer, offset=0, data=ZIP[:5])
    assert (caught.value.code, caught.value.received) == ("wrong_offset", 5)
    with pytest.raises(RunError, match="can have 1 to"):
        transfers.append_part(transfer=transfer, offset=5, data=ZIP)
    transfer = transfers.append_part(transfer=transfer, offset=5, data=ZIP[5:])
    assert (transfer.status, sent) == ("queued", [str(transfer.pk)])
    with pytest.raises(RunError, match="no more parts"):
        transfers.append_part(transfer=transfer, offset=0, data=ZIP)
    assert len(stored()) == 2


def test_a_file_that_is_no_zip_ends_its_upload(administrator):
    transfer = begin(administrator)
    with pytest.raises(RunError) as caught:
        transfers.append_part(transfer=transfer, offset=0, data=b"words")
    assert caught.value.code == "bad_archive"
    assert VersionTransfer.objects.get().status == "cancelled"


def test_a_cancelled_import_leaves_no_file_and_is_deleted_then(administrator):
    transfer = transfers.append_part(transfer=begin(administrator), offset=0, data=ZIP)
    with pytest.raises(RunError, match="Cancel it first"):
        transfers.delete_transfer(transfer=transfer)
    transfers.cancel_transfer(transfer=transfer)
    assert stored() == []
    with pytest.raises(RunError, match="already ended"):
        transfers.cancel_transfer(transfer=transfer)
    transfers.delete_transfer(transfer=transfer)
    assert not VersionTransfer.objects.exists()


def test_an_exports_zip_goes_with_its_row_and_with_its_version(version, administrator):
    export = finished_export(version)
    assert stored() == [export.archive]
    transfers.delete_transfer(transfer=export)
    assert stored() == []
    finished_export(version)
    delete_version(version=version, actor=administrator)
    assert (stored(), VersionTransfer.objects.count()) == ([], 0)


def test_the_sweep_deletes_what_is_old_and_sends_what_is_lost(version, administrator, sent, settings):
    now = timezone.now()
    finished_export(version, ended_at=now - transfers.KEPT_FOR - dt.timedelta(minutes=1))
    kept = finished_export(version)
    stopped = begin(administrator)
    VersionTransfer.objects.filter(pk=stopped.pk).update(heartbeat_at=now - transfers.UPLOAD_PATIENCE * 2)
    silent = now - dt.timedelta(seconds=settings.RUN_LOST_SECONDS + 1)
    lost = VersionTransfer.objects.create(
        kind="export", name="mine-1", version=version, status="running", token=TOKEN, heartbeat_at=silent
    )
    transfers.sweep_transfers()
    assert set(VersionTransfer.objects.values_list("pk", "status")) == {(kept.pk, "finished"), (lost.pk, "queued")}
    assert (stored(), sent) == ([kept.archive], [str(lost.pk)])
