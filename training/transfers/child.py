"""Carry one transfer out inside its own process, which may load TensorFlow."""

from __future__ import annotations

import tempfile
import traceback
import uuid
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from django.conf import settings

from analysis.recognition.bundle import file_sha256
from analysis.versions.services import register_local
from analysis.videos import upload_parts
from training.checkpoints import remove_checkpoint
from training.models import VersionTransfer
from training.pipeline import adopt_version
from training.runs.child import DONE, LEASE_LOST, failure_reason
from training.runs.reasons import parts_of
from training.transfer_models import Step
from training.transfers.services import LEASES, Kind, Status, end_transfer, finish_export, finish_import


def run_transfer(*, transfer_id: uuid.UUID, token: uuid.UUID) -> int:
    """Carry out the transfer leased under `token`; return the exit status."""
    transfer = VersionTransfer.objects.filter(pk=transfer_id, token=token).first()
    if transfer is None:
        return LEASE_LOST
    work = _export if transfer.kind == Kind.EXPORT else _import
    try:
        from training.transfers import archive

        with tempfile.TemporaryDirectory() as folder:
            work(archive, transfer, token, Path(folder))
    except Exception as error:
        # The worker's log has it, and the row a sentence of it.
        traceback.print_exception(error)
        message, parts = failure_reason(error), parts_of(error)
        end_transfer(rows=LEASES.held_by(token), status=Status.FAILED, message=message, message_parts=parts)
    return DONE


def _export(exchange: ModuleType, transfer: VersionTransfer, token: uuid.UUID, folder: Path) -> None:
    can_compare = settings.FER2013_PATH.exists() and find_spec("onnxruntime") is not None
    archive = folder / f"{transfer.name}.zip"
    exported = exchange.write_archive(
        version=transfer.name,
        archive=archive,
        data=settings.FER2013_PATH if can_compare else None,
        report=partial(_report, token),
    )
    finish_export(token=token, archive=archive, facts={**exported.as_json(), "sha256": file_sha256(archive)})


def _import(exchange: ModuleType, transfer: VersionTransfer, token: uuid.UUID, folder: Path) -> None:
    archive, run = folder / f"{transfer.name}.zip", str(transfer.pk)
    upload_parts.join(transfer.file, archive, transfer.bytes, after_part=lambda: None)
    votes = settings.FER2013_VOTES_PATH
    # A process that was killed may have written it whole.
    if adopt_version(version=transfer.name, run=run) is None:
        exchange.read_archive(
            archive=archive,
            version=transfer.name,
            data=settings.FER2013_PATH,
            votes=votes if votes.exists() else None,
            run=run,
            report=partial(_report, token),
        )
    remove_checkpoint(transfer.name)
    version = register_local(name=transfer.name)
    facts = {**version.card["imported"], "import": run}
    finish_import(token=token, version=version, facts=facts)


def _report(token: uuid.UUID, step: Step) -> None:
    LEASES.renew(token, step=step)
