"""The Celery worker's side of a run: claim it, start the process that trains, watch it and settle its end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

from django.conf import settings

from ferproject.queue.leases import surviving_database_errors
from training.checkpoints import checkpoint_folder
from training.models import State, TrainingRun
from training.runs import claims, reasons
from training.runs.process import PARENT
from training.runs.queue import send_waiting

STOP_SECONDS = 8
"""How long a process may take to save its checkpoint after SIGTERM."""
POLL_SECONDS = 0.5
worker_stops = threading.Event()
"""Set when this worker shuts down: its run is put back."""


def work_on_run(*, run_id: uuid.UUID) -> None:
    """Claim a run and train it to its end; do nothing where it cannot be claimed."""
    if worker_stops.is_set():
        return
    token = claims.claim_run(run_id=run_id)
    if token is None:
        return
    run = TrainingRun.objects.get(pk=run_id)
    try:
        child = start_process("run", run_id, token, _output(run))
    except OSError as error:
        reason = reasons.NOT_STARTED % {"error": error}
        claims.end_claim(token=token, state=State.FAILED, reason=reason)
        return
    try:
        ChildWatch(child, token).wait()
    finally:
        end_process(child)
    _settle(run, token, child.returncode)
    if not worker_stops.is_set():
        send_waiting()


class ChildWatch:
    """Renews the lease of a run while its process runs, and stops the process on request."""

    def __init__(self, child: subprocess.Popen[bytes], token: uuid.UUID) -> None:
        self._child = child
        self._token = token
        self._next_heartbeat = 0.0
        self._stopped_at: float | None = None

    def wait(self) -> None:
        """Return when the process has ended."""
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(POLL_SECONDS)
                return
            with surviving_database_errors("Reading the run's row"):
                self._poll()

    def _poll(self) -> None:
        now = time.monotonic()
        if self._stopped_at is not None and now - self._stopped_at > STOP_SECONDS:
            self._child.kill()
        if now >= self._next_heartbeat:
            self._next_heartbeat = now + settings.RUN_HEARTBEAT_SECONDS
            if not claims.RUN_LEASES.renew(self._token):
                # Settled by the process itself, which then ends, or claimed by another one.
                self._stopped_at = self._stopped_at or now
        if self._stopped_at is None and (worker_stops.is_set() or claims.cancel_requested_at(token=self._token)):
            self._stopped_at = now
            self._child.send_signal(signal.SIGTERM)


def start_process(job: str, row_id: uuid.UUID, token: uuid.UUID, output: Path) -> subprocess.Popen[bytes]:
    """Start `process` for a row, with its output in a file; raise `OSError`."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("wb") as stream:
        return subprocess.Popen(  # noqa: S603  # our own interpreter and arguments
            [sys.executable, "-W", "ignore", "-m", "training.runs.process", job, str(row_id), str(token)],
            cwd=settings.BASE_DIR,
            env={**os.environ, PARENT: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def end_process(child: subprocess.Popen[bytes]) -> None:
    """Kill a process that `start_process` started, and those that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _output(run: TrainingRun) -> Path:
    return checkpoint_folder(run.name) / "output.log"


def _settle(run: TrainingRun, token: uuid.UUID, status: int) -> None:
    """Write the end of a run whose process ended without writing it."""
    if claims.cancel_requested_at(token=token):
        claims.end_claim(token=token, state=State.CANCELLED)
    elif worker_stops.is_set():
        claims.end_claim(token=token, state=State.QUEUED, reason=reasons.WORKER_STOPPED)
    else:
        claims.crash_run(token=token, reason=crash_reason(_output(run), status))


def crash_reason(output: Path, status: int) -> str:
    """Return why a process ended, from its output and its exit status."""
    try:
        lines = [line for line in output.read_text(errors="replace").splitlines() if line.strip()]
    except OSError:
        lines = []
    if status >= 0:
        return reasons.EXITED % {"status": status, "message": lines[-1][:300] if lines else "no message"}
    name = signal.Signals(-status).name
    text = reasons.KILLED_PERHAPS_MEMORY if name == "SIGKILL" else reasons.KILLED
    return text % {"signal": name}
