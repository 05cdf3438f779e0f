"""The Celery worker's side of a transfer: claim it, start its process, watch that and settle its end."""

from __future__ import annotations

import subprocess
import tempfile
import time
import uuid
from pathlib import Path

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from ferproject.queue.leases import surviving_database_errors
from training.models import VersionTransfer
from training.runs import reasons
from training.runs.worker import POLL_SECONDS, crash_reason, end_process, start_process, worker_stops
from training.transfers.services import LEASES, Status, end_transfer

MAX_ATTEMPTS = 3


def work_on_transfer(*, transfer_id: uuid.UUID) -> None:
    """Claim a transfer and carry it out; do nothing where it cannot be claimed."""
    if worker_stops.is_set():
        return
    waiting = VersionTransfer.objects.filter(pk=transfer_id, status=Status.QUEUED)
    token = LEASES.claim(waiting, status=Status.RUNNING, attempts=F("attempts") + 1)
    if token is None:
        return
    with tempfile.TemporaryDirectory(prefix="transfer-") as folder:
        output = Path(folder) / "output.log"
        child = start_process("transfer", transfer_id, token, output)
        try:
            _watch(child, token)
        finally:
            end_process(child)
        _settle(token, crash_reason(output, child.returncode))


def _watch(child: subprocess.Popen[bytes], token: uuid.UUID) -> None:
    """Renew the lease while the process runs; return when it has ended, or is to be ended."""
    next_heartbeat = 0.0
    while child.poll() is None:
        with surviving_database_errors("Reading the transfer's row"):
            if time.monotonic() >= next_heartbeat:
                next_heartbeat = time.monotonic() + settings.RUN_HEARTBEAT_SECONDS
                LEASES.renew(token)
            if worker_stops.is_set() or not LEASES.held_by(token).exists():
                return
        try:
            child.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            continue


def _settle(token: uuid.UUID, reason: str) -> None:
    """Put a transfer back whose process ended without ending it, or fail it after `MAX_ATTEMPTS`."""
    transfer = LEASES.held_by(token).first()
    if transfer is None:
        return
    if transfer.attempts >= MAX_ATTEMPTS and not worker_stops.is_set():
        message = f"{reason} {reasons.TRIED % {'count': MAX_ATTEMPTS}}"
        end_transfer(rows=LEASES.held_by(token), status=Status.FAILED, message=message)
        return
    LEASES.held_by(token).update(status=Status.QUEUED, step="", token=None, queued_at=timezone.now())
    if not worker_stops.is_set():
        LEASES.send(transfer.pk)
