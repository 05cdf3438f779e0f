"""Querysets that several models share."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Protocol, Self

from django.db import models

from ferproject.pagination import Keyset


class Position(Protocol):
    """Where a row stands in a list ordered by time; the row itself, or a cursor to it."""

    @property
    def created_at(self) -> dt.datetime: ...

    @property
    def id(self) -> uuid.UUID: ...


class OwnedQuerySet(models.QuerySet[Any]):
    """Rows with an `owner`."""

    def owned_by(self, user: models.Model) -> Self:
        return self.filter(owner=user)


class TimelineQuerySet(OwnedQuerySet):
    """Rows ordered by time, and by id where two have the same time, so that no page's edge falls inside a tie."""

    newest_first_keyset = Keyset(("-created_at", "-id"))

    def newest_first(self) -> Self:
        return self.order_by(*self.newest_first_keyset.columns)

    def oldest_first(self) -> Self:
        return self.order_by(*self.newest_first_keyset.reversed().columns)

    def older_than(self, row: Position) -> Self:
        return self.filter(self.newest_first_keyset.after(self.model, (row.created_at, row.id)))

    def newer_than(self, row: Position) -> Self:
        return self.filter(self.newest_first_keyset.reversed().after(self.model, (row.created_at, row.id)))
