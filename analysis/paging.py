"""Pages of photos by where one stands in time, so that the last page costs what the first does."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from typing import Literal

from analysis.models import Photo, PhotoQuerySet

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_CURSOR = re.compile(r"(older|newer)-(\d{1,17})-([0-9a-f]{32})\Z")


@dataclass(frozen=True)
class Page:
    """Photos, newest first, and the cursors of the pages beside this one, None where there is none."""

    photos: list[Photo]
    newer: str | None
    older: str | None


@dataclass(frozen=True)
class Cursor:
    """All that is older, or newer, than one photo, which itself may be gone by now."""

    direction: Literal["older", "newer"]
    created_at: dt.datetime
    id: uuid.UUID

    @classmethod
    def beside(cls, photo: Photo, direction: Literal["older", "newer"]) -> Cursor:
        return cls(direction, photo.created_at, photo.id)

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


def read_page(photos: PhotoQuerySet, *, cursor: Cursor | None, size: int) -> Page:
    """Return at most `size` photos on the cursor's side, or the newest."""
    if cursor is not None and cursor.direction == "newer":
        found = list(photos.newer_than(cursor).oldest_first()[: size + 1])
        shown = found[:size][::-1]
        more_newer, more_older = len(found) > size, bool(shown)
    else:
        found = list((photos.older_than(cursor) if cursor else photos).newest_first()[: size + 1])
        shown = found[:size]
        more_newer, more_older = cursor is not None and bool(shown), len(found) > size
    return Page(
        photos=shown,
        newer=str(Cursor.beside(shown[0], "newer")) if more_newer else None,
        older=str(Cursor.beside(shown[-1], "older")) if more_older else None,
    )
