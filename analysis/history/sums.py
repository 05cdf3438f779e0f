"""Adding faces to a history's sums and removing them; see `HistorySum`.

Call these inside the transaction that writes or deletes the faces or samples themselves.
"""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection, models
from django.db.models import QuerySet
from django.dispatch import Signal

from analysis.emotion_fields import PROBABILITY_FIELDS
from analysis.history.models import TOTAL_FIELDS, HistoryRollup, HistorySum, floor_to_grain, floor_to_quarter

logger = logging.getLogger(__name__)

Sums = dict[Any, list[int]]
"""The `TOTAL_FIELDS` of each row, by a tuple of its key fields."""


@dataclass(frozen=True)
class SumTable:
    """A table of sums that is updated in place; no two rows have the same `key`."""

    model: type[models.Model]
    key: tuple[str, ...]

    def add(self, sums: Sums) -> None:
        """Add to rows, creating those that do not exist."""
        keys, totals = self._columns(self.key), self._columns(TOTAL_FIELDS)
        names = [*keys, *totals]
        added = ", ".join(f"{name} = {self._table}.{name} + excluded.{name}" for name in totals)
        statement = (
            f"INSERT INTO {self._table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))}) "  # noqa: S608
            f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {added}"
        )
        _execute(statement, [(*self._prepared(key), *totals) for key, totals in sorted(sums.items())])

    def subtract(self, sums: Sums) -> bool:
        """Subtract from rows and delete empty ones; return whether all of them held that much."""
        columns = self._columns(TOTAL_FIELDS)
        of_key = " AND ".join(f"{name} = %s" for name in self._columns(self.key))
        fewer = ", ".join(f"{name} = {name} - %s" for name in columns)
        enough = " AND ".join(f"{name} >= %s" for name in columns)
        prepared = [(self._prepared(key), totals) for key, totals in sorted(sums.items())]
        updated = _execute(
            f"UPDATE {self._table} SET {fewer} WHERE {of_key} AND {enough}",  # noqa: S608
            [(*totals, *key, *totals) for key, totals in prepared],
        )
        _execute(f"DELETE FROM {self._table} WHERE {of_key} AND n = 0", [key for key, _ in prepared])  # noqa: S608
        return updated == len(prepared)

    def _prepared(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        fields = map(self.model._meta.get_field, self.key)
        return tuple(field.get_db_prep_save(value, connection) for field, value in zip(fields, key, strict=True))

    @property
    def _table(self) -> str:
        return connection.ops.quote_name(self.model._meta.db_table)

    def _columns(self, fields: Iterable[str]) -> list[str]:
        return [connection.ops.quote_name(self.model._meta.get_field(name).column) for name in fields]


def _execute(statement: str, rows: list[tuple[Any, ...]]) -> int:
    """Run a statement for each row; rows are sorted by key, so that two transactions cannot deadlock."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
        return int(cursor.rowcount)


@dataclass(frozen=True)
class SumTables:
    """Sums by quarter of an hour and their rollups, with the columns of `HistorySum` and `HistoryRollup`."""

    quarters: SumTable
    rollups: SumTable

    @classmethod
    def of(cls, quarters: type[models.Model], rollups: type[models.Model]) -> SumTables:
        rest = ("source", "emotion", "model", "corrected_emotion", "clock")
        return cls(
            SumTable(quarters, ("owner", "quarter", *rest)), SumTable(rollups, ("owner", "grain", "start", *rest))
        )

    def add(self, sums: Sums) -> None:
        """Add sums to their rows and rollups, creating those that do not exist."""
        self.quarters.add(sums)
        self.rollups.add(roll_up(sums))

    def subtract(self, sums: Sums) -> None:
        """Subtract from rows and rollups, deleting empty ones; a row that holds less is logged, not an error."""
        quarters, rollups = self.quarters.subtract(sums), self.rollups.subtract(roll_up(sums))
        if not (quarters and rollups):
            # A row that holds less was wrong before. An error here would keep people from deleting their photos.
            owners = sorted({str(key.owner_id) for key in sums})
            message = "The sums of the history of users %s are wrong. `manage.py history_sums --rebuild` corrects them."
            logger.error(message, owners)


HISTORY_SUMS = SumTables.of(HistorySum, HistoryRollup)
entries_added, entries_removed = Signal(), Signal()
"""Sent with `entries`, a list, in the transaction that adds them to a history or removes them."""
_BATCH, _CHUNK = 20_000, 2000


@dataclass(frozen=True)
class HistoryEntry:
    """A photo's face, or a session's face in one second.

    `source` is one of `HistorySum.Source`; `probabilities` are seven floats of 0 to 1 in the order of `EMOTIONS`,
    exactly as saved. `item_id` is the photo's or the session's. `corrected_emotion` is as its owner corrected it, ""
    where they cannot tell, None without a correction. `clock` is that of `at`, one of `HistorySum.Clock`.
    """

    owner_id: int
    at: dt.datetime
    source: str
    model: str
    emotion: str
    probabilities: tuple[float, ...]
    item_id: uuid.UUID | None = None
    corrected_emotion: str | None = None
    clock: str = HistorySum.Clock.BOTH


class SumKey(NamedTuple):
    """The key of a `HistorySum`; `quarter` is in UTC. The sums of a part of a history have that part's id instead."""

    owner_id: Any
    quarter: dt.datetime
    source: str
    emotion: str
    model: str
    corrected_emotion: str
    clock: str


def add_to_history(entries: Iterable[HistoryEntry]) -> None:
    """Add entries to their owners' sums."""
    for batch in _in_batches(entries):
        HISTORY_SUMS.add(sum_up(batch))
        entries_added.send(HistorySum, entries=batch)


def remove_from_history(entries: Iterable[HistoryEntry]) -> None:
    """Subtract entries that were added before from their owners' sums; empty rows are deleted."""
    for batch in _in_batches(entries):
        HISTORY_SUMS.subtract(sum_up(batch))
        entries_removed.send(HistorySum, entries=batch)


def sum_tables_of(owner: Any) -> SumTables:
    """Return the sums of an owner: a user's history, or what says by `sum_tables` where its own are, as an album."""
    tables: SumTables = getattr(owner, "sum_tables", HISTORY_SUMS)
    return tables


def face_entries(faces: QuerySet[Any]) -> Iterator[HistoryEntry]:
    """Yield the entries of photos' faces, without those taken out.

    A face has one entry, at the time when its photo was added, or two where it is known when that was taken.
    """
    rows = (
        faces.filter(is_included=True)
        .order_by()
        .values_list(
            "analysis__photo__owner_id",
            "analysis__photo",
            "analysis__photo__created_at",
            "analysis__photo__taken_at",
            "analysis__model",
            "emotion",
            "corrected_emotion",
            *PROBABILITY_FIELDS,
        )
    )
    source, clocks = HistorySum.Source.PHOTO, HistorySum.Clock
    for owner_id, photo_id, added, taken, model, emotion, corrected, *probabilities in rows.iterator(_CHUNK):
        times = [(clocks.ADDED, added), (clocks.TAKEN, taken)] if taken else [(clocks.BOTH, added)]
        for clock, at in times:
            yield HistoryEntry(owner_id, at, source, model, emotion, tuple(probabilities), photo_id, corrected, clock)


def sample_entries(samples: QuerySet[Any]) -> Iterator[HistoryEntry]:
    """Yield the entries of sessions' samples, each in its own second."""
    rows = samples.order_by().values_list(
        "session__owner_id",
        "session",
        "session__started_at",
        "second",
        "session__source",
        "model",
        "emotion",
        *PROBABILITY_FIELDS,
    )
    for owner_id, session_id, started_at, second, source, model, emotion, *probabilities in rows.iterator(_CHUNK):
        at = started_at + dt.timedelta(seconds=second)
        yield HistoryEntry(owner_id, at, source, model, emotion, tuple(probabilities), session_id)


def sum_up(entries: Iterable[HistoryEntry]) -> Sums:
    """Return the sums of exactly these entries, by `SumKey`."""
    sums: Sums = {}
    for entry in entries:
        corrected = entry.emotion if entry.corrected_emotion is None else entry.corrected_emotion
        quarter = floor_to_quarter(entry.at)
        key = SumKey(entry.owner_id, quarter, entry.source, entry.emotion, entry.model, corrected, entry.clock)
        row = sums.setdefault(key, [0] * len(TOTAL_FIELDS))
        row[0] += 1
        for position, probability in enumerate(entry.probabilities, start=1):
            # Rounded face by face, so that adding and subtracting cancel out.
            row[position] += round(probability * 1_000_000)
    return sums


def roll_up(sums: Sums) -> Sums:
    """Return the sums by hour, six hours and day, by the key of `HistoryRollup`."""
    rollups: Sums = {}
    for key, totals in sums.items():
        for grain in HistoryRollup.Grain:
            start = floor_to_grain(key.quarter, grain)
            rollup_key = (key.owner_id, int(grain), start, *key[2:])
            row = rollups.setdefault(rollup_key, [0] * len(TOTAL_FIELDS))
            row[:] = map(sum, zip(row, totals, strict=True))
    return rollups


def _in_batches(entries: Iterable[HistoryEntry]) -> Iterator[list[HistoryEntry]]:
    """Yield entries in batches, so that a million faces need little memory."""
    iterator = iter(entries)
    while batch := list(itertools.islice(iterator, _BATCH)):
        yield batch
