"""Start, upload, cancel and delete exports and imports of model versions; `worker` carries them out."""

from __future__ import annotations

import datetime as dt
import uuid
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from analysis.audit.models import AuditEntry
from analysis.audit.services import record_audit
from analysis.files.storage import disk_full_as
from analysis.versions.models import ModelVersion
from analysis.videos import upload_parts
from analysis.videos.services import MAX_PART_BYTES
from ferproject.numbers import number
from ferproject.queue.leases import Leases
from training.errors import RunError
from training.models import VersionTransfer
from training.runs.services import check_files, check_new_name

MAX_BYTES = 200_000_000
"""Of a zip that is uploaded."""
MAX_OPEN = 10
"""Exports and imports that have not ended, of the whole site."""
KEPT_FOR = dt.timedelta(days=7)
"""How long an export can be downloaded, and the row of any transfer is stored after its end."""
UPLOAD_PATIENCE = dt.timedelta(days=1)
"""An upload of which no part came for so long is given up."""
Kind, Status = VersionTransfer.Kind, VersionTransfer.Status
LEASES = Leases(
    VersionTransfer,
    held=Q(status=Status.RUNNING),
    waiting=Q(status=Status.QUEUED),
    task="training.tasks.transfer_version",
)


def start_export(*, version: ModelVersion, by: Model | None, via: str = "site") -> VersionTransfer:
    """Have a worker write a version as a zip; return the export of it that is under way, if there is one.

    Raises `RunError` of code "too_many_jobs".
    """
    under_way = VersionTransfer.objects.open().filter(kind=Kind.EXPORT, version=version).first()
    if under_way is not None:
        return under_way
    _check_open()
    with transaction.atomic():
        export = VersionTransfer.objects.create(kind=Kind.EXPORT, name=version.name, version=version, created_by=by)
        details = {"export": str(export.pk), "via": via}
        record_audit(actor=by, action=AuditEntry.VERSION_EXPORTED, subject=version.name, details=details)
        transaction.on_commit(partial(LEASES.send, export.pk))
    return export


def start_import(*, name: str, size: int, by: Model | None) -> VersionTransfer:
    """Begin the upload of another site's zip of `size` bytes, to be added as the version `name`.

    Raises `RunError` of code "bad_name", "name_taken", "empty_file", "too_large" or "too_many_jobs", and what
    `check_files` raises: the version is measured on the site's own training data.
    """
    check_new_name(name)
    if VersionTransfer.objects.open().filter(kind=Kind.IMPORT, name=name).exists():
        raise RunError(
            "name_taken", _("A version named %(name)s is already being imported. Choose another name.") % {"name": name}
        )
    check_files(settings.FER2013_PATH, None)
    if size <= 0:
        raise RunError("empty_file", _("This file is empty. Choose a zip that another site exported."))
    if size > MAX_BYTES:
        sizes = {"size": number(size / 1e6, digits=1), "limit": number(MAX_BYTES / 1e6)}
        raise RunError("too_large", _("This file is %(size)s MB. It can be up to %(limit)s MB.") % sizes)
    _check_open()
    return VersionTransfer.objects.create(
        kind=Kind.IMPORT, name=name, bytes=size, status=Status.UPLOADING, created_by=by
    )


def append_part(*, transfer: VersionTransfer, offset: int, data: bytes) -> VersionTransfer:
    """Save the next part of an upload and return the reloaded import; the last part queues it.

    Raises `RunError` of code "bad_part", "too_large", "wrong_offset", "not_uploading", "bad_archive" or "disk_full".
    """
    _check_part(transfer, offset, data)
    with disk_full_as(RunError):
        upload_parts.save_part(transfer.file, offset, data)
    received, now = offset + len(data), timezone.now()
    queued = {"status": Status.QUEUED, "queued_at": now} if received == transfer.bytes else {}
    with transaction.atomic():
        expected = VersionTransfer.objects.filter(pk=transfer.pk, status=Status.UPLOADING, received=offset)
        is_appended = expected.update(received=received, heartbeat_at=now, **queued)
        if is_appended and queued:
            transaction.on_commit(partial(LEASES.send, transfer.pk))
    current = VersionTransfer.objects.filter(pk=transfer.pk).first()
    if current is None or current.status == Status.CANCELLED:
        upload_parts.remove_all(transfer.file)
    if current is None or (not is_appended and current.status != Status.UPLOADING):
        raise _not_uploading()
    if not is_appended:
        raise _wrong_offset(current)
    return current


def cancel_transfer(*, transfer: VersionTransfer) -> None:
    """End a transfer that has not ended; its worker stops within seconds. Raises `RunError` of code "is_over"."""
    if end_transfer(rows=VersionTransfer.objects.open().filter(pk=transfer.pk), status=Status.CANCELLED) is None:
        raise RunError("is_over", _("This has already ended. There is nothing to cancel."))


def delete_transfer(*, transfer: VersionTransfer) -> None:
    """Delete a transfer that has ended, and its zip; a version that it added stays. Raises "is_live"."""
    ended = VersionTransfer.objects.exclude(status__in=VersionTransfer.OPEN).filter(pk=transfer.pk)
    if not ended.delete()[0]:
        raise RunError("is_live", _("This is not done yet. Cancel it first."))


def finish_export(*, token: uuid.UUID, archive: Path, facts: dict[str, Any]) -> None:
    """Store the zip of an export and end it, unless the lease was lost."""
    export = LEASES.held_by(token).first()
    if export is None:
        return
    # A worker that lost its lease may have left one.
    default_storage.delete(export.archive)
    with archive.open("rb") as file:
        default_storage.save(export.archive, File(file))
    size = archive.stat().st_size
    if end_transfer(rows=LEASES.held_by(token), status=Status.FINISHED, bytes=size, facts=facts) is None:
        default_storage.delete(export.archive)


def finish_import(*, token: uuid.UUID, version: ModelVersion, facts: dict[str, Any]) -> None:
    """End an import whose version is registered."""
    with transaction.atomic():
        transfer = end_transfer(rows=LEASES.held_by(token), status=Status.FINISHED, version=version, facts=facts)
        if transfer is not None:
            action = AuditEntry.VERSION_IMPORTED
            record_audit(actor=transfer.created_by, action=action, subject=version.name, details=facts)


def end_transfer(*, rows: QuerySet[VersionTransfer], status: str, **values: Any) -> VersionTransfer | None:
    """End the transfer that `rows` selects and delete what was uploaded for it; return it, None where there is none."""
    with transaction.atomic():
        transfer = rows.first()
        if transfer is None or not rows.update(status=status, step="", token=None, ended_at=timezone.now(), **values):
            return None
        if transfer.kind == Kind.IMPORT:
            transaction.on_commit(partial(upload_parts.remove_all, transfer.file))
    return transfer


def sweep_transfers() -> None:
    """Send the tasks of lost transfers again, and delete those that ended, or whose upload stopped, long ago."""
    LEASES.sweep(status=Status.QUEUED)
    now = timezone.now()
    stopped = Q(status=Status.UPLOADING, heartbeat_at__lt=now - UPLOAD_PATIENCE)
    VersionTransfer.objects.filter(stopped | Q(ended_at__lt=now - KEPT_FOR)).delete()


def _check_open() -> None:
    if VersionTransfer.objects.open().count() >= MAX_OPEN:
        message = _("%(count)s exports and imports are not done yet. Wait for one, or cancel one.")
        raise RunError("too_many_jobs", message % {"count": MAX_OPEN}, retryable=True)


def _check_part(transfer: VersionTransfer, offset: int, data: bytes) -> None:
    if transfer.status != Status.UPLOADING:
        raise _not_uploading()
    if offset != transfer.received:
        raise _wrong_offset(transfer)
    if len(data) > MAX_PART_BYTES:
        raise RunError("too_large", _("A part can be up to %(limit)s MB.") % {"limit": number(MAX_PART_BYTES / 1e6)})
    if not data or offset + len(data) > transfer.bytes:
        message = _("This part can have 1 to %(left)s bytes, as the file has %(size)s. It has %(found)s.")
        sizes = {"left": transfer.bytes - offset, "size": transfer.bytes, "found": len(data)}
        raise RunError("bad_part", message % sizes)
    if offset == 0 and not data.startswith(b"PK"):
        cancel_transfer(transfer=transfer)
        raise RunError("bad_archive", _("This file is not a zip. Choose one that another site exported."))


def _not_uploading() -> RunError:
    return RunError("not_uploading", _("This import takes no more parts: it was cancelled, or its file is complete."))


def _wrong_offset(transfer: VersionTransfer) -> RunError:
    message = _("The next part begins at byte %(received)s.") % {"received": transfer.received}
    error = RunError("wrong_offset", message)
    error.received = transfer.received
    return error
