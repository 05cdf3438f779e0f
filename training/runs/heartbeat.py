"""Keeps a working process' run up to date: a beat every second or two, with how far it is."""

from __future__ import annotations

import collections
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.utils import timezone

from ferproject.queue.leases import surviving_database_errors
from training.learning.errors import TrainingStopped
from training.models import TrainingRun
from training.pipeline import Stage
from training.runs import pids as processes
from training.runs.claims import RUN_LEASES, cancel_asked

LOG_LINES = 200


class Heart:
    """Beats on a thread of its own from `start` to `stop`.

    `stopping` is set when the run is to stop; `on_loss` is called, on that thread, when the claim is no more: the
    process must then end and write nothing.
    """

    def __init__(self, run: TrainingRun, token: uuid.UUID, *, on_loss: Callable[[], None], seconds: float) -> None:
        self.token = token
        self.stopping = threading.Event()
        self._on_loss = on_loss
        self._pause = seconds
        self._seconds_before = run.seconds
        self._began = time.monotonic()
        self._fields: dict[str, Any] = {}
        self._lines = collections.deque(run.log.splitlines(), LOG_LINES)
        self._changing = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat_for_good, name="heart", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Beat no more; what was last told is written."""
        self._ended.set()
        self._thread.join(30)

    def tell(self, **fields: Any) -> None:
        """Have fields of the row written with the next beat."""
        with self._changing:
            self._fields.update(fields)

    def say(self, words: str) -> None:
        """Add a line to the run's log."""
        stamp = timezone.localtime().strftime("%H:%M:%S")
        with self._changing:
            self._lines.extend(f"{stamp} {line}" for line in words.splitlines())
            self._fields["log"] = "\n".join(self._lines)

    def report(self, stage: Stage, words: str) -> None:
        """Tell that a stage begins, at once; raise `TrainingStopped` where the run is to stop."""
        self.say(words)
        self.tell(state=stage.value)
        self._beat()
        if self.stopping.is_set():
            raise TrainingStopped

    def _beat_for_good(self) -> None:
        while not self._ended.wait(self._pause):
            self._beat()
        self._beat()
        connection.close()

    def _beat(self) -> None:
        with self._changing:
            fields, self._fields = self._fields, {}
        worked = self._seconds_before + time.monotonic() - self._began
        cancelled = None
        with surviving_database_errors("The heartbeat of a run"):
            held = RUN_LEASES.renew(self.token, seconds=worked, memory_mb=processes.memory_mb(), **fields)
            cancelled = held and cancel_asked(token=self.token) is not None
        if cancelled is None:
            with self._changing:
                self._fields = {**fields, **self._fields}
            return
        if cancelled:
            self.stopping.set()
        if not held and not self._ended.is_set():
            self._on_loss()
