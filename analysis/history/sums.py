"""The sums of a history, kept by whoever adds or takes away what was counted; see `HistorySum`.

Every call belongs inside the transaction that writes, or deletes, the faces or samples themselves.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Any

from django.db import connection, models
from django.db.models import QuerySet

from analysis.emotion_columns import PROBABILITY_FIELDS
from analysis.history.models import SUM_FIELDS, HistoryRollup, HistorySum, quarter_of, start_of

logger = logging.getLogger(__name__)

COUNTS = ("n", *SUM_FIELDS)

Rows = Mapping[tuple[Any, ...], list[int]]
"""Of every key, in the order of a table's key fields, what `COUNTS` names."""


@dataclass(frozen=True)
class SumTable:
    """One model's table; no two rows have the same `key`."""

    model: type[models.Model]
    key: tuple[str, ...]

    def add(self, rows: Rows) -> None:
        """Add to rows, which need not be there yet."""
        names = [self._column(name) for name in (*self.key, *COUNTS)]
        added = ", ".join(f"{name} = {self._table}.{name} + excluded.{name}" for name in map(self._column, COUNTS))
        statement = (
            f"INSERT INTO {self._table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))}) "  # noqa: S608
            f"ON CONFLICT ({', '.join(map(self._column, self.key))}) DO UPDATE SET {added}"
        )
        _execute(statement, [(*self._prepared(key), *counts) for key, counts in sorted(rows.items())])

    def take(self, rows: Rows) -> bool:
        """Take from rows, and drop those that count nothing then; return whether all of them held that much."""
        columns = [self._column(name) for name in COUNTS]
        of_key = " AND ".join(f"{self._column(name)} = %s" for name in self.key)
        fewer = ", ".join(f"{name} = {name} - %s" for name in columns)
        enough = " AND ".join(f"{name} >= %s" for name in columns)
        prepared = [(self._prepared(key), counts) for key, counts in sorted(rows.items())]
        taken = _execute(
            f"UPDATE {self._table} SET {fewer} WHERE {of_key} AND {enough}",  # noqa: S608
            [(*counts, *key, *counts) for key, counts in prepared],
        )
        _execute(f"DELETE FROM {self._table} WHERE {of_key} AND n = 0", [key for key, _ in prepared])  # noqa: S608
        return taken == len(prepared)

    def _prepared(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        fields = map(self.model._meta.get_field, self.key)
        return tuple(field.get_db_prep_save(value, connection) for field, value in zip(fields, key, strict=True))

    @property
    def _table(self) -> str:
        return connection.ops.quote_name(self.model._meta.db_table)

    def _column(self, name: str) -> str:
        return connection.ops.quote_name(self.model._meta.get_field(name).column)


def _execute(statement: str, rows: list[tuple[Any, ...]]) -> int:
    """Run one statement for each row, in the keys' order: two transactions never wait for each other in a circle."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
        return int(cursor.rowcount)


_QUARTERS = SumTable(HistorySum, ("owner", "quarter", "source", "emotion", "model"))
_ROLLUPS = SumTable(HistoryRollup, ("owner", "grain", "start", "source", "emotion", "model"))
_CHUNK = 2000


@dataclass(frozen=True)
class Counted:
    """One face of a photo, or one face in one second of a session, as the sums see it.

    `source` is one of `HistorySum.Source`; `probabilities` are seven floats of 0 to 1 in the order of `EMOTIONS`,
    exactly as their row keeps them.
    """

    owner_id: int
    at: dt.datetime
    source: str
    model: str
    emotion: str
    probabilities: tuple[float, ...]


@dataclass(frozen=True, order=True)
class SumKey:
    """What one row of sums is about; `quarter` is in UTC."""

    owner_id: int
    quarter: dt.datetime
    source: str
    emotion: str
    model: str


Sums = dict[SumKey, list[int]]
"""Of every key, how many and the seven sums in millionths."""


def add_to_history(counted: Iterable[Counted]) -> None:
    """Add what was counted to its owners' sums."""
    for sums in _in_portions(counted):
        add_sums(sums)


def take_from_history(counted: Iterable[Counted]) -> None:
    """Take what was added before out of the sums again; sums of nothing leave no row."""
    for sums in _in_portions(counted):
        _take_sums(sums)


def counted_faces(faces: QuerySet[Any]) -> Iterator[Counted]:
    """Yield photos' faces as they are counted: when their photo was added."""
    rows = faces.order_by().values_list(
        "analysis__photo__owner_id", "analysis__photo__created_at", "analysis__model", "emotion", *PROBABILITY_FIELDS
    )
    for owner_id, at, model, emotion, *probabilities in rows.iterator(_CHUNK):
        yield Counted(owner_id, at, HistorySum.Source.PHOTO, model, emotion, tuple(probabilities))


def counted_samples(samples: QuerySet[Any]) -> Iterator[Counted]:
    """Yield sessions' samples as they are counted: in their own second."""
    rows = samples.order_by().values_list(
        "session__owner_id",
        "session__started_at",
        "second",
        "session__source",
        "model",
        "emotion",
        *PROBABILITY_FIELDS,
    )
    for owner_id, started_at, second, source, model, emotion, *probabilities in rows.iterator(_CHUNK):
        at = started_at + dt.timedelta(seconds=second)
        yield Counted(owner_id, at, source, model, emotion, tuple(probabilities))


def sum_up(counted: Iterable[Counted]) -> Sums:
    """Return what the sums of exactly these would be."""
    sums: Sums = {}
    for one in counted:
        key = SumKey(one.owner_id, quarter_of(one.at), one.source, one.emotion, one.model)
        row = sums.setdefault(key, [0] * len(COUNTS))
        row[0] += 1
        for position, probability in enumerate(one.probabilities, start=1):
            # Of the same float always the same integer, so that adding and taking away cancel out.
            row[position] += round(probability * 1_000_000)
    return sums


def add_sums(sums: Sums) -> None:
    """Add sums to their rows, which need not be there yet, and to those of their hours and days."""
    _QUARTERS.add({astuple(key): counts for key, counts in sums.items()})
    _ROLLUPS.add(roll_up(sums))


def roll_up(sums: Sums) -> dict[tuple[Any, ...], list[int]]:
    """Return what the sums of their hours and days are, by (owner_id, grain, start, source, emotion, model)."""
    rollups: dict[tuple[Any, ...], list[int]] = {}
    for key, counts in sums.items():
        for grain in HistoryRollup.Grain:
            place = (key.owner_id, int(grain), start_of(key.quarter, grain), key.source, key.emotion, key.model)
            row = rollups.setdefault(place, [0] * len(COUNTS))
            row[:] = map(sum, zip(row, counts, strict=True))
    return rollups


def _take_sums(sums: Sums) -> None:
    # A row that holds less than is taken was wrong before. It is left to `manage.py history_sums`: an error here
    # would keep people from deleting what is theirs.
    quarters = _QUARTERS.take({astuple(key): counts for key, counts in sums.items()})
    rollups = _ROLLUPS.take(roll_up(sums))
    if not (quarters and rollups):
        owners = sorted({key.owner_id for key in sums})
        logger.error("The history's sums of users %s are wrong; `manage.py history_sums --rebuild` mends them.", owners)


def _in_portions(counted: Iterable[Counted], size: int = 20_000) -> Iterator[Sums]:
    """Sum up in portions, so that a million faces pass through little memory."""
    portion: list[Counted] = []
    for one in counted:
        portion.append(one)
        if len(portion) == size:
            yield sum_up(portion)
            portion = []
    if portion:
        yield sum_up(portion)
