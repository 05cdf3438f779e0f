"""Are a history's sums what its faces and samples add up to? And if not, make them so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from django.db import connection, transaction
from django.db.models import Model

from analysis.history_sums import SumKey, Sums, add_sums, counted_faces, counted_samples, sum_up
from analysis.models import SUM_FIELDS, Face, HistorySum, Sample

_NOTHING = [0] * (1 + len(SUM_FIELDS))


@dataclass(frozen=True)
class Difference:
    """A row of sums that is wrong: how many and the seven sums, as kept and as counted; zeros where there is none."""

    key: SumKey
    kept: tuple[int, ...]
    counted: tuple[int, ...]


def verify_history(*, owner: Model) -> list[Difference]:
    """Return what is wrong with an owner's sums, in the order of time."""
    if not list(_differences(owner)):
        return []
    # Somebody may have added a photo between the two readings; only now is it worth making everyone wait.
    with transaction.atomic():
        _hold_writers()
        return list(_differences(owner))


def rebuild_history(*, owner: Model) -> int:
    """Sum an owner's history up anew; return how many rows were wrong. Whoever adds to one meanwhile waits."""
    with transaction.atomic():
        _hold_writers()
        counted, kept = _counted_sums(owner), _kept_sums(owner)
        wrong = sum(counted.get(key) != kept.get(key) for key in counted.keys() | kept.keys())
        if wrong:
            HistorySum.objects.owned_by(owner).delete()
            add_sums(counted)
    return wrong


def _differences(owner: Model) -> Iterator[Difference]:
    counted, kept = _counted_sums(owner), _kept_sums(owner)
    for key in sorted(counted.keys() | kept.keys()):
        is_kept, is_counted = kept.get(key, _NOTHING), counted.get(key, _NOTHING)
        # A row that counts nothing is harmless, but nobody leaves one.
        if is_kept != is_counted or (key in kept) != (key in counted):
            yield Difference(key, tuple(is_kept), tuple(is_counted))


def _counted_sums(owner: Model) -> Sums:
    faces = Face.objects.counting().owned_by(owner)
    return sum_up(chain(counted_faces(faces), counted_samples(Sample.objects.filter(session__owner=owner))))


def _kept_sums(owner: Model) -> Sums:
    rows = HistorySum.objects.owned_by(owner).values_list(
        "owner_id", "quarter", "source", "emotion", "model", "n", *SUM_FIELDS
    )
    return {SumKey(*row[:5]): list(row[5:]) for row in rows.iterator(2000)}


def _hold_writers() -> None:
    # SQLite's transactions keep all writers out by themselves. Elsewhere each writes faces and sums in one transaction,
    # so holding the sums makes those that are half done wait, unseen, until this one has committed.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                f"LOCK TABLE {connection.ops.quote_name(HistorySum._meta.db_table)} IN SHARE ROW EXCLUSIVE MODE"
            )
