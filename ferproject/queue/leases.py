"""Rows that one worker at a time holds.

A worker claims a row by a conditional UPDATE that writes a new token, renews its heartbeat while it works, and names
the token in every write: one that was taken for dead writes nothing more. Brokers lose messages, so a sweep puts back
the rows of silent workers and sends the tasks of waiting rows again.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from ferproject.queue.broker import BrokerAway, send
from ferproject.queue.clock import clock_watch

Row = TypeVar("Row", bound=Model)
logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """The worker no longer holds the row: it was cancelled, deleted or claimed by another worker."""


@dataclass(frozen=True)
class Leases(Generic[Row]):
    """The leases of a model's rows, each held by a worker that knows its `token`.

    `held` and `waiting` select the rows that a worker holds and those that may be claimed; `heartbeat` and `sent` name
    the columns of the last heartbeat and of when the task was last sent. `task` is the Celery task that works on a row,
    given its id. A worker is lost after `lost_after` without a heartbeat, None stands for `RUN_LOST_SECONDS`.
    """

    model: type[Row]
    held: Q
    waiting: Q = field(default_factory=Q)
    task: str = ""
    heartbeat: str = "heartbeat_at"
    sent: str = "queued_at"
    lost_after: dt.timedelta | None = None

    def claim(self, rows: QuerySet[Row], **values: Any) -> uuid.UUID | None:
        """Lease the one row of `rows` and write `values`; return its token, None where another worker was first."""
        token = uuid.uuid4()
        return token if rows.update(**{"token": token, self.heartbeat: timezone.now(), **values}) else None

    def held_by(self, token: uuid.UUID | str) -> QuerySet[Row]:
        """Select the row that `token` still holds, if any."""
        return self.model._default_manager.filter(self.held, token=token)

    def renew(self, token: uuid.UUID, **values: Any) -> bool:
        """Write a heartbeat and `values`; return False when the lease is lost."""
        return bool(self.held_by(token).update(**{self.heartbeat: timezone.now()}, **values))

    def lost(self) -> QuerySet[Row]:
        """Select the rows whose worker has sent no heartbeat for `lost_after`.

        None for that long after the clock was set: working workers have to send one first.
        """
        rows = self.model._default_manager.filter(self.held)
        if clock_watch.seconds_since_set() < self._patience().total_seconds():
            return rows.none()
        return rows.filter(self._is_long_ago(self.heartbeat))

    def send(self, row_id: Any) -> str:
        """Send the task of a row; return why the broker refused it, for now, or ""."""
        try:
            send(self.task, str(row_id))
        except BrokerAway as error:
            logger.warning("%s %s of %s waits for the sweeper.", error, self.task, row_id)
            return str(error)
        return ""

    def resend(self, row: Row) -> str | None:
        """Send the task of a waiting row as `send` does; return None where it waits no more or another process does."""
        rows = self.model._default_manager.filter(self.waiting, pk=row.pk, **{self.sent: getattr(row, self.sent)})
        now = timezone.now()
        if not rows.update(**{self.sent: now}):
            return None
        setattr(row, self.sent, now)
        return self.send(row.pk)

    def sweep(self, **waiting: Any) -> None:
        """Put lost rows back by writing `waiting`, and send the tasks of rows that no worker claimed in time."""
        self.lost().update(**{"token": None, self.sent: timezone.now() - self._patience()}, **waiting)
        for row in self.model._default_manager.filter(self.waiting, self._is_long_ago(self.sent)):
            self.resend(row)

    def _is_long_ago(self, column: str) -> Q:
        # Times in the future are from before the clock was set back.
        now, patience = timezone.now(), self._patience()
        return Q(**{f"{column}__lte": now - patience}) | Q(**{f"{column}__gt": now + patience})

    def _patience(self) -> dt.timedelta:
        return self.lost_after or dt.timedelta(seconds=settings.RUN_LOST_SECONDS)


@contextmanager
def surviving_database_errors(attempt: str) -> Iterator[None]:
    """Log a database error instead of raising it: a long job goes on while the database is away for a moment."""
    try:
        yield
    except DatabaseError as error:
        logger.warning("%s failed: %s", attempt, error)
        close_old_connections()
