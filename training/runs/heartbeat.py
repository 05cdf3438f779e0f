"""Heartbeat of a training process."""

from __future__ import annotations

import collections
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import psutil
from django.db import connection
from django.utils import timezone

from ferproject.queue.leases import surviving_database_errors
from training.learning.errors import TrainingStopped
from training.models import TrainingRun
from training.pipeline import Stage
from training.runs.claims import RUN_LEASES, cancel_requested_at

LOG_LINES = 200


class Heartbeat:
    """Renews the lease of a run and writes its progress, on a thread, from `start` to `stop`.

    `stopping` is set when the run is to stop. `on_loss` is called on that thread when the lease is lost: the process
    must then end and write nothing.
    """

    def __init__(self, run: TrainingRun, token: uuid.UUID, *, on_loss: Callable[[], None], seconds: float) -> None:
        self.token = token
        self.stopping = threading.Event()
        self._on_loss = on_loss
        self._interval = seconds
        self._seconds_before = run.seconds
        self._started = time.monotonic()
        self._fields: dict[str, Any] = {}
        self._lines = collections.deque(run.log.splitlines(), LOG_LINES)
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._renew_loop, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write what is pending and end the thread."""
        self._ended.set()
        self._thread.join(30)

    def set_fields(self, **fields: Any) -> None:
        """Write these fields of the row with the next heartbeat."""
        with self._lock:
            self._fields.update(fields)

    def log(self, message: str) -> None:
        """Add a message to the run's log."""
        stamp = timezone.localtime().strftime("%H:%M:%S")
        with self._lock:
            self._lines.extend(f"{stamp} {line}" for line in message.splitlines())
            self._fields["log"] = "\n".join(self._lines)

    def enter_stage(self, stage: Stage, message: str) -> None:
        """Write at once that a stage begins; raise `TrainingStopped` where the run is to stop."""
        self.log(message)
        self.set_fields(state=stage.value)
        self._renew()
        if self.stopping.is_set():
            raise TrainingStopped

    def _renew_loop(self) -> None:
        while not self._ended.wait(self._interval):
            self._renew()
        self._renew()
        connection.close()

    def _renew(self) -> None:
        with self._lock:
            fields, self._fields = self._fields, {}
        seconds = self._seconds_before + time.monotonic() - self._started
        memory = round(psutil.Process().memory_info().rss / 1_000_000, 1)
        held = None
        with surviving_database_errors("The heartbeat of a run"):
            held = RUN_LEASES.renew(self.token, seconds=seconds, memory_mb=memory, **fields)
            if held and cancel_requested_at(token=self.token):
                self.stopping.set()
        if held is None:
            with self._lock:
                self._fields = {**fields, **self._fields}
        elif not held and not self._ended.is_set():
            self._on_loss()
