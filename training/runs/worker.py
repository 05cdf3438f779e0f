"""The worker's side of a run: claim it, begin the process that trains, watch it, settle what it leaves behind."""

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
from training.models import TrainingRun
from training.pipeline import checkpoint_folder
from training.runs import claims
from training.runs.pids import PARENT
from training.runs.queue import send_waiting

STOP_SECONDS = 8
"""How long a process that was asked to stop may take to keep what was learnt."""
LOOK_SECONDS = 0.5
worker_stops = threading.Event()
"""Set when this worker shuts down: its run is given back."""


def work_on_run(*, run_id: uuid.UUID) -> None:
    """Claim a run and see it through; nothing where it cannot be claimed, for the sweeper hands it over again."""
    if worker_stops.is_set():
        return
    token = claims.claim_run(run_id=run_id)
    if token is None:
        return
    run = TrainingRun.objects.get(pk=run_id)
    try:
        child = _begin(run, token)
    except OSError as error:
        claims.fail_run(token=token, reason=f"The training process could not be started: {error}")
        return
    try:
        Watch(child, token).until_it_ends()
    finally:
        _kill(child)
    _settle(run, token, child.returncode)
    if not worker_stops.is_set():
        send_waiting()


class Watch:
    """Looks at the process and its row, beats for it, and stops it when asked to."""

    def __init__(self, child: subprocess.Popen[bytes], token: uuid.UUID) -> None:
        self._child = child
        self._token = token
        self._next_beat = 0.0
        self._told_to_stop: float | None = None

    def until_it_ends(self) -> None:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(LOOK_SECONDS)
                return
            with surviving_database_errors("Reading the run's row"):
                self._look()

    def _look(self) -> None:
        now = time.monotonic()
        if self._told_to_stop is not None and now - self._told_to_stop > STOP_SECONDS:
            self._child.kill()
        if now >= self._next_beat:
            self._next_beat = now + settings.RUN_HEARTBEAT_SECONDS
            if not claims.RUN_LEASES.renew(self._token):
                # Settled by the process itself, which then ends, or taken from us.
                self._told_to_stop = self._told_to_stop or now
        if self._told_to_stop is None and (worker_stops.is_set() or claims.cancel_asked(token=self._token)):
            self._told_to_stop = now
            self._child.send_signal(signal.SIGTERM)


def _begin(run: TrainingRun, token: uuid.UUID) -> subprocess.Popen[bytes]:
    folder = checkpoint_folder(run.name)
    folder.mkdir(parents=True, exist_ok=True)
    with _output(run).open("wb") as output:
        return subprocess.Popen(  # noqa: S603  # our own interpreter and arguments
            [sys.executable, "-W", "ignore", "-m", "training.runs.process", str(run.pk), str(token)],
            cwd=settings.BASE_DIR,
            env={**os.environ, PARENT: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _output(run: TrainingRun) -> Path:
    return checkpoint_folder(run.name) / "output.log"


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the process and those it began."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _settle(run: TrainingRun, token: uuid.UUID, status: int) -> None:
    """Where the process ended without a word of its own in the row, say what became of the run."""
    if claims.cancel_asked(token=token):
        claims.cancel_claimed_run(token=token)
    elif worker_stops.is_set():
        claims.release_run(token=token, reason="Its worker was stopped; it goes on from its last checkpoint.")
    else:
        claims.crash_run(token=token, reason=_ending(run, status))


def _ending(run: TrainingRun, status: int) -> str:
    try:
        lines = [line for line in _output(run).read_text(errors="replace").splitlines() if line.strip()]
    except OSError:
        lines = []
    if status >= 0:
        return f"The training process ended with status {status}: {lines[-1][:300] if lines else 'no message'}."
    name = signal.Signals(-status).name
    hint = "; perhaps the machine ran out of memory" if name == "SIGKILL" else ""
    return f"The training process was ended by {name}{hint}."
