"""The write buffer of this process' live sessions."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from django.db import DatabaseError, InterfaceError, OperationalError, transaction

from analysis.sessions import services as sessions
from analysis.sessions.services import NewSample
from ferproject.storage_errors import storage_error

MAX_SAMPLES = 50_000
"""Buffered while the database is unavailable: a hundred faces for eight minutes."""
logger = logging.getLogger(__name__)


@dataclass
class _Batch:
    samples: deque[NewSample] = field(default_factory=deque)
    frames: dict[uuid.UUID, tuple[int, int]] = field(default_factory=dict)
    ends: dict[uuid.UUID, tuple[dt.datetime, uuid.UUID | None]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.samples or self.frames or self.ends)

    def count(self, session_id: uuid.UUID, frames: int, dropped: int) -> None:
        before = self.frames.get(session_id, (0, 0))
        self.frames[session_id] = before[0] + frames, before[1] + dropped


class LiveRecorder:
    """Buffers, from any thread and without waiting, what `write` later writes to the database.

    A batch that cannot be written is tried again with the next; of more than `max_samples` the oldest are lost.
    """

    def __init__(self, *, max_samples: int = MAX_SAMPLES) -> None:
        self._max_samples = max_samples
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._batch = _Batch()
        self._is_failing = False

    def add(
        self, session_id: uuid.UUID, samples: Sequence[NewSample] = (), *, frames: int = 0, dropped: int = 0
    ) -> None:
        """Add samples and frame counts; without either, mark the session as alive."""
        with self._lock:
            self._batch.samples.extend(samples)
            self._batch.count(session_id, frames, dropped)

    def end(self, session_id: uuid.UUID, at: dt.datetime, token: uuid.UUID | None = None) -> None:
        """End a session at the next write, unless another connection than that of `token` writes it then."""
        with self._lock:
            self._batch.ends[session_id] = at, token

    @property
    def is_empty(self) -> bool:
        return not self._batch

    def write(self) -> bool:
        """Write the buffer in one transaction; return whether it is saved. Blocks."""
        with self._writing:
            with self._lock:
                batch, self._batch = self._batch, _Batch()
            if not batch:
                return True
            try:
                _write(batch)
            except (DatabaseError, InterfaceError) as error:
                # PostgreSQL's refusal to write while it is read-only is no `OperationalError`.
                if isinstance(error, OperationalError | InterfaceError) or storage_error(error):
                    self._put_back(batch, error)
                    return False
                # The same rows would fail again and block all later ones.
                logger.exception("%d samples of live sessions could not be saved", len(batch.samples))
                return False
            self._is_failing = False
            return True

    def _put_back(self, batch: _Batch, error: Exception) -> None:
        if not self._is_failing:
            self._is_failing = True
            logger.error("Live sessions cannot be written and stay buffered until they can: %s", error)
        with self._lock:
            newer, self._batch = self._batch, batch
            batch.samples.extend(newer.samples)
            for session_id, counts in newer.frames.items():
                batch.count(session_id, *counts)
            batch.ends.update(newer.ends)
            excess = len(batch.samples) - self._max_samples
            if excess > 0:
                batch.samples = deque(islice(batch.samples, excess, None))
                logger.error("%d samples of live sessions are lost: too many wait for the database", excess)


def _write(batch: _Batch) -> None:
    with transaction.atomic():
        if batch.samples:
            sessions.record_samples(samples=batch.samples)
        sessions.count_frames(counts=batch.frames)
        for session_id, (at, token) in batch.ends.items():
            sessions.finish_session(session_id=session_id, ended_at=at, token=token)
