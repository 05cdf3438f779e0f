"""Pages of rows by where one stands in time, so that the last page costs what the first does."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, Self, TypeVar

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_CURSOR = re.compile(r"(older|newer)-(\d{1,17})-([0-9a-f]{32})\Z")


class Place(Protocol):
    """Where something stands among photos in time."""

    @property
    def created_at(self) -> dt.datetime: ...

    @property
    def id(self) -> uuid.UUID: ...


Row = TypeVar("Row", bound=Place)


class Timeline(Protocol):
    """What a queryset offers to be read in pages; photos', sessions' and videos' do."""

    def newest_first(self) -> Self: ...

    def oldest_first(self) -> Self: ...

    def older_than(self, place: Place) -> Self: ...

    def newer_than(self, place: Place) -> Self: ...


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows in the order asked for, and the cursors of the pages beside this one, None where there is none."""

    rows: list[Row]
    newer: str | None
    older: str | None


@dataclass(frozen=True)
class Cursor:
    """All that is older, or newer, than one row, which itself may be gone by now."""

    direction: Literal["older", "newer"]
    created_at: dt.datetime
    id: uuid.UUID

    @classmethod
    def beside(cls, place: Place, direction: Literal["older", "newer"]) -> Cursor:
        return cls(direction, place.created_at, place.id)

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """Return the cursor written as `text`, or None when it was not one of ours."""
        match = _CURSOR.match(text)
        if match is None:
            return None
        direction, microseconds, identifier = match.groups()
        return cls(direction, _EPOCH + int(microseconds) * _MICROSECOND, uuid.UUID(identifier))

    def __str__(self) -> str:
        return f"{self.direction}-{(self.created_at - _EPOCH) // _MICROSECOND}-{self.id.hex}"


def read_page(rows: Timeline, *, cursor: Cursor | None, size: int, oldest_first: bool = False) -> Page:
    """Return at most `size` rows on the cursor's side, or those at the end that `oldest_first` begins with."""
    if (cursor is not None and cursor.direction == "newer") or (cursor is None and oldest_first):
        found = list((rows.newer_than(cursor) if cursor else rows).oldest_first()[: size + 1])
        shown = found[:size][::-1]
        more_newer, more_older = len(found) > size, cursor is not None and bool(shown)
    else:
        found = list((rows.older_than(cursor) if cursor else rows).newest_first()[: size + 1])
        shown = found[:size]
        more_newer, more_older = cursor is not None and bool(shown), len(found) > size
    return Page(
        rows=shown[::-1] if oldest_first else shown,
        newer=str(Cursor.beside(shown[0], "newer")) if more_newer else None,
        older=str(Cursor.beside(shown[-1], "older")) if more_older else None,
    )
