"""Verify and rebuild a history's sums."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from analysis.history.models import TOTAL_FIELDS, HistoryRollup, HistorySum
from analysis.history.sums import SumKey, Sums, add_sums, face_entries, roll_up, sample_entries, sum_up
from analysis.photos.models import Face
from analysis.sessions.models import Sample

_ZEROS = [0] * len(TOTAL_FIELDS)


@dataclass(frozen=True)
class Difference:
    """A wrong row of sums: its `TOTAL_FIELDS` as saved and as counted, zeros where there is no such row.

    `grain` is how many quarters of an hour the row covers, from `key.quarter` on.
    """

    key: SumKey
    saved: tuple[int, ...]
    counted: tuple[int, ...]
    grain: int = 1


def verify_history(*, owner: Model) -> list[Difference]:
    """Return the wrong rows of an owner's sums, by time."""
    if not _all_differences(owner):
        return []
    # A photo may have been added between the two readings; only now is it worth blocking all writers.
    with transaction.atomic():
        _lock_sums()
        return _all_differences(owner)


def rebuild_history(*, owner: Model) -> int:
    """Recompute an owner's sums; return how many rows were wrong. Writers of history wait meanwhile."""
    with transaction.atomic():
        _lock_sums()
        wrong = len(_all_differences(owner))
        if wrong:
            HistorySum.objects.owned_by(owner).delete()
            HistoryRollup.objects.owned_by(owner).delete()
            add_sums(_counted_sums(owner))
    return wrong


def _all_differences(owner: Model) -> list[Difference]:
    counted = _counted_sums(owner)
    differences = list(_differences(counted, _saved_sums(HistorySum.objects.owned_by(owner), "quarter")))
    rollups = roll_up(counted)
    for grain in HistoryRollup.Grain:
        expected = {SumKey(key[0], *key[2:]): totals for key, totals in rollups.items() if key[1] == grain}
        saved = _saved_sums(HistoryRollup.objects.owned_by(owner).filter(grain=grain), "start")
        differences += _differences(expected, saved, grain)
    return differences


def _differences(counted: Sums, saved: Sums, grain: int = 1) -> Iterator[Difference]:
    for key in sorted(counted.keys() | saved.keys()):
        saved_totals, counted_totals = saved.get(key, _ZEROS), counted.get(key, _ZEROS)
        # A row of zeros changes no chart, but no service leaves one.
        if saved_totals != counted_totals or (key in saved) != (key in counted):
            yield Difference(key, tuple(saved_totals), tuple(counted_totals), grain)


def _counted_sums(owner: Model) -> Sums:
    faces = Face.objects.current().owned_by(owner)
    return sum_up(chain(face_entries(faces), sample_entries(Sample.objects.filter(session__owner=owner))))


def _saved_sums(rows: QuerySet[Any], time_field: str) -> Sums:
    rows = rows.values_list("owner_id", time_field, "source", "emotion", "model", *TOTAL_FIELDS)
    return {SumKey(*row[:5]): list(row[5:]) for row in rows.iterator(2000)}


def _lock_sums() -> None:
    # SQLite's transactions block all other writers anyway. PostgreSQL's writers change faces and sums in one
    # transaction, so locking the sums makes uncommitted ones wait, unseen, until this one has committed.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                f"LOCK TABLE {connection.ops.quote_name(HistorySum._meta.db_table)} IN SHARE ROW EXCLUSIVE MODE"
            )
