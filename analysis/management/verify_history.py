"""Are a history's sums what its faces and samples add up to? And if not, make them so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from django.db import connection, transaction
from django.db.models import Model

from analysis.history.models import SUM_FIELDS, HistoryRollup, HistorySum
from analysis.history.sums import SumKey, Sums, add_sums, counted_faces, counted_samples, roll_up, sum_up
from analysis.photos.models import Face
from analysis.sessions.models import Sample

_NOTHING = [0] * (1 + len(SUM_FIELDS))


@dataclass(frozen=True)
class Difference:
    """A row of sums that is wrong: how many and the seven sums, as kept and as counted; zeros where there is none.

    `grain` is how many quarters of an hour the row is about, from that of `key` on.
    """

    key: SumKey
    kept: tuple[int, ...]
    counted: tuple[int, ...]
    grain: int = 1


def verify_history(*, owner: Model) -> list[Difference]:
    """Return what is wrong with an owner's sums, in the order of time."""
    if not _all_differences(owner):
        return []
    # Somebody may have added a photo between the two readings; only now is it worth making everyone wait.
    with transaction.atomic():
        _hold_writers()
        return _all_differences(owner)


def rebuild_history(*, owner: Model) -> int:
    """Sum an owner's history up anew; return how many rows were wrong. Whoever adds to one meanwhile waits."""
    with transaction.atomic():
        _hold_writers()
        wrong = len(_all_differences(owner))
        if wrong:
            HistorySum.objects.owned_by(owner).delete()
            HistoryRollup.objects.owned_by(owner).delete()
            add_sums(_counted_sums(owner))
    return wrong


def _all_differences(owner: Model) -> list[Difference]:
    counted = _counted_sums(owner)
    return [*_differences(counted, _kept_sums(owner)), *_rollup_differences(counted, owner)]


def _differences(counted: Sums, kept: Sums, grain: int = 1) -> Iterator[Difference]:
    for key in sorted(counted.keys() | kept.keys()):
        is_kept, is_counted = kept.get(key, _NOTHING), counted.get(key, _NOTHING)
        # A row that counts nothing is harmless, but nobody leaves one.
        if is_kept != is_counted or (key in kept) != (key in counted):
            yield Difference(key, tuple(is_kept), tuple(is_counted), grain)


def _rollup_differences(counted: Sums, owner: Model) -> Iterator[Difference]:
    rolled = roll_up(counted)
    for grain in HistoryRollup.Grain:
        right = {SumKey(key[0], *key[2:]): values for key, values in rolled.items() if key[1] == grain}
        yield from _differences(right, _kept_rollups(owner, grain), grain)


def _counted_sums(owner: Model) -> Sums:
    faces = Face.objects.counting().owned_by(owner)
    return sum_up(chain(counted_faces(faces), counted_samples(Sample.objects.filter(session__owner=owner))))


def _kept_sums(owner: Model) -> Sums:
    rows = HistorySum.objects.owned_by(owner).values_list(
        "owner_id", "quarter", "source", "emotion", "model", "n", *SUM_FIELDS
    )
    return {SumKey(*row[:5]): list(row[5:]) for row in rows.iterator(2000)}


def _kept_rollups(owner: Model, grain: int) -> Sums:
    rows = HistoryRollup.objects.owned_by(owner).filter(grain=grain)
    rows = rows.values_list("owner_id", "start", "source", "emotion", "model", "n", *SUM_FIELDS)
    return {SumKey(*row[:5]): list(row[5:]) for row in rows.iterator(2000)}


def _hold_writers() -> None:
    # SQLite's transactions keep all writers out by themselves. Elsewhere each writes faces and sums in one transaction,
    # so holding the sums makes those that are half done wait, unseen, until this one has committed.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                f"LOCK TABLE {connection.ops.quote_name(HistorySum._meta.db_table)} IN SHARE ROW EXCLUSIVE MODE"
            )
