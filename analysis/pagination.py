"""Pages of lists ordered by time, with cursors to the newer and the older page."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any, Literal

from django.db.models import QuerySet
from django.utils.translation import gettext

from ferproject.numbers import number
from ferproject.pagination import Keyset
from ferproject.querysets import TimelineQuerySet

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
MAX_COUNTED = 10_001
"""Rows of a list are counted up to this number: one more than `bulk` does anything to."""
_CURSOR = re.compile(r"(older|newer)-(\d{1,17})-([0-9a-f]{32})\Z")


@dataclass(frozen=True)
class Page:
    """Rows in the order asked for, and the cursors of the pages beside this one, None where there is none.

    `counted` has as many rows as all pages have.
    """

    rows: list[Any]
    newer: str | None
    older: str | None
    counted: QuerySet[Any] = field(repr=False, compare=False)

    @cached_property
    def all_label(self) -> str:
        """What selects the rows of all pages, with their number or, of very many, "more than 10,000"."""
        count = self.counted.order_by()[:MAX_COUNTED].count()
        if count < MAX_COUNTED:
            return gettext("All %(count)s in this list") % {"count": number(count)}
        return gettext("All in this list, more than %(count)s") % {"count": number(MAX_COUNTED - 1)}


@dataclass(frozen=True)
class Cursor:
    """All that is older, or newer, than one row, which itself may be gone by now."""

    direction: Literal["older", "newer"]
    created_at: dt.datetime
    id: uuid.UUID

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """Return the cursor written as `text`, or None where it is not one."""
        match = _CURSOR.match(text)
        if match is None:
            return None
        direction, microseconds, identifier = match.groups()
        return cls(direction, _EPOCH + int(microseconds) * _MICROSECOND, uuid.UUID(identifier))

    def __str__(self) -> str:
        return f"{self.direction}-{(self.created_at - _EPOCH) // _MICROSECOND}-{self.id.hex}"


def read_page(
    rows: TimelineQuerySet,
    *,
    cursor: Cursor | None,
    size: int,
    oldest_first: bool = False,
    newest_first_keyset: Keyset | None = None,
    counted: QuerySet[Any] | None = None,
) -> Page:
    """Return at most `size` rows on the cursor's side, or without one the list's first.

    `newest_first_keyset` is of a time and the id, that of `rows` by default. `counted` has as many rows, and is counted
    in their place where that is cheaper.
    """
    keyset, backward, forward = newest_first_keyset or rows.newest_first_keyset, "newer", "older"
    time = attrgetter(keyset.names[0])
    if oldest_first:
        keyset, backward, forward = keyset.reversed(), forward, backward
    position = (cursor.created_at, cursor.id) if cursor else None
    backwards = cursor is not None and cursor.direction == backward
    found = keyset.read_page(rows, position, size=size, backwards=backwards)
    cursors: dict[str, str | None] = {"newer": None, "older": None}
    if found.has_previous:
        cursors[backward] = str(Cursor(backward, time(found.rows[0]), found.rows[0].id))
    if found.has_next:
        cursors[forward] = str(Cursor(forward, time(found.rows[-1]), found.rows[-1].id))
    return Page(found.rows, **cursors, counted=rows if counted is None else counted)
