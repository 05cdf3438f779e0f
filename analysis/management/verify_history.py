"""Verify and rebuild a history's sums."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from analysis.albums.models import Collection
from analysis.history.models import TOTAL_FIELDS, HistoryRollup
from analysis.history.sums import SumKey, Sums, face_entries, roll_up, sample_entries, sum_tables_of, sum_up
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
    """Return the wrong rows of the sums of an owner, a user or one of their albums and tags, by time."""
    if not _all_differences(owner):
        return []
    # A photo may have been added between the two readings; only now is it worth blocking all writers.
    with transaction.atomic():
        _lock_sums(owner)
        return _all_differences(owner)


def rebuild_history(*, owner: Model) -> int:
    """Recompute an owner's sums; return how many rows were wrong. Writers of history wait meanwhile."""
    with transaction.atomic():
        _lock_sums(owner)
        wrong = len(_all_differences(owner))
        if wrong:
            tables = sum_tables_of(owner)
            for table in (tables.quarters, tables.rollups):
                table.model._default_manager.filter(owner=owner.pk).delete()
            tables.add(_counted_sums(owner))
    return wrong


def _all_differences(owner: Model) -> list[Difference]:
    counted, tables = _counted_sums(owner), sum_tables_of(owner)
    quarters, hours = (
        table.model._default_manager.filter(owner=owner.pk) for table in (tables.quarters, tables.rollups)
    )
    differences = list(_differences(counted, _saved_sums(quarters, "quarter")))
    rollups = roll_up(counted)
    for grain in HistoryRollup.Grain:
        expected = {SumKey(key[0], *key[2:]): totals for key, totals in rollups.items() if key[1] == grain}
        saved = _saved_sums(hours.filter(grain=grain), "start")
        differences += _differences(expected, saved, grain)
    return differences


def _differences(counted: Sums, saved: Sums, grain: int = 1) -> Iterator[Difference]:
    for key in sorted(counted.keys() | saved.keys()):
        saved_totals, counted_totals = saved.get(key, _ZEROS), counted.get(key, _ZEROS)
        # A row of zeros changes no chart, but no service leaves one.
        if saved_totals != counted_totals or (key in saved) != (key in counted):
            yield Difference(key, tuple(saved_totals), tuple(counted_totals), grain)


def _counted_sums(owner: Model) -> Sums:
    faces, samples = Face.objects.current(), Sample.objects.all()
    if isinstance(owner, Collection):
        faces, samples = faces.filter(analysis__photo__collections=owner), samples.filter(session__collections=owner)
    else:
        faces, samples = faces.owned_by(owner), samples.filter(session__owner=owner)
    counted = sum_up(chain(face_entries(faces), sample_entries(samples)))
    return {key._replace(owner_id=owner.pk): totals for key, totals in counted.items()}


def _saved_sums(rows: QuerySet[Any], time_field: str) -> Sums:
    rows = rows.values_list(
        "owner_id", time_field, "source", "emotion", "model", "corrected_emotion", "clock", *TOTAL_FIELDS
    )
    return {SumKey(*row[:7]): list(row[7:]) for row in rows.iterator(2000)}


def _lock_sums(owner: Model) -> None:
    # SQLite's transactions block all other writers anyway. PostgreSQL's writers change faces and sums in one
    # transaction, so locking the sums makes uncommitted ones wait, unseen, until this one has committed.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(sum_tables_of(owner).quarters.model._meta.db_table)
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
