"""Rollups by hour, six hours and day of UTC; a series read from them equals one read from the quarters."""

import datetime as dt
import random
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps

from analysis.history.models import HistoryRollup, HistorySum
from analysis.history.series import history_series
from analysis.history.sums import HistoryEntry, add_to_history, remove_from_history
from analysis.history.time_buckets import QUARTER, Interval, Span, decompose, span_of_days
from analysis.management.verify_history import rebuild_history, verify_history
from tests.analysis.factories import make_face, make_photo

START = dt.datetime(2026, 3, 24, tzinfo=dt.UTC)
ZONES = ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe"]


def make_entries(owner, number: int, seed: int = 0) -> list[HistoryEntry]:
    """Return entries over eleven days in which clocks are set in Europe."""
    rng = random.Random(seed)
    return [
        HistoryEntry(
            owner_id=owner.pk,
            at=START + dt.timedelta(seconds=rng.randrange(11 * 86400)),
            source=rng.choice(["photo", "live", "video"]),
            model=rng.choice(["test-1", "test-2"]),
            emotion=emotion,
            probabilities=make_face(emotion, rng.uniform(0.4, 0.9)).probabilities,
        )
        for emotion in rng.choices(["happy", "sad", "fear"], k=number)
    ]


def saved_rollups() -> dict[tuple, tuple]:
    fields = ("owner_id", "grain", "start", "source", "emotion", "model")
    rows = HistoryRollup.objects.values_list(*fields, "n", "sum_happy", "sum_sad")
    return {row[: len(fields)]: row[len(fields) :] for row in rows}


@pytest.mark.parametrize("interval", Interval)
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.django_db
def test_a_bucket_is_the_sum_of_its_quarters(user, zone, interval):
    add_to_history(make_entries(user, 1500))
    span = span_of_days(dt.date(2026, 3, 25), dt.date(2026, 4, 2), ZoneInfo(zone))
    found = history_series(
        owner=user, start=span.start, end=span.end, interval=interval, zone=ZoneInfo(zone), source="live"
    )
    quarters = list(HistorySum.objects.filter(source="live").values_list("quarter", "n", "sum_happy", "emotion"))
    for bucket in found.buckets:
        inside = [row for row in quarters if bucket.span.start <= row[0] < bucket.span.end]
        assert bucket.faces.n == sum(n for _, n, *_ in inside)
        assert bucket.faces.sums[3] == sum(happy for *_, happy, _ in inside)
        assert bucket.faces.counts[4] == sum(n for _, n, _, emotion in inside if emotion == "sad")
    assert sum(bucket.faces.n for bucket in found.buckets) > 300


def test_decompose_covers_a_span_with_whole_grains():
    rng = random.Random(1)
    for _ in range(500):
        start = START + rng.randrange(500) * QUARTER
        span = Span(start, start + rng.randrange(1, 500) * QUARTER)
        found = list(decompose(span))
        edges = [span.start, *(piece.end for _, piece in found)]
        assert [piece.start for _, piece in found] == edges[:-1]
        assert edges[-1] == span.end
        for grain, piece in found:
            for moment in (piece.start, piece.end):
                assert (moment - START) % (grain * QUARTER) == dt.timedelta()
        assert len(found) <= 7


@pytest.mark.parametrize(("zone", "most"), [("UTC", 1), ("Europe/Berlin", 10), ("Asia/Kathmandu", 12)])
def test_a_day_is_read_from_few_rows(zone, most):
    span = span_of_days(dt.date(2026, 3, 10), dt.date(2026, 3, 10), ZoneInfo(zone))
    assert sum((piece.end - piece.start) // (grain * QUARTER) for grain, piece in decompose(span)) <= most


@pytest.mark.django_db
def test_removed_entries_leave_nothing(user, other_user):
    add_to_history(make_entries(other_user, 50))
    before = saved_rollups()
    counted = make_entries(user, 300)
    add_to_history(counted)
    assert saved_rollups() != before
    remove_from_history(counted[:120])
    remove_from_history(counted[120:])
    assert saved_rollups() == before


@pytest.mark.django_db
def test_a_wrong_hour_is_found_and_rebuilt(user):
    make_photo(user, emotions=["happy", "sad"])
    assert verify_history(owner=user) == []
    HistoryRollup.objects.filter(grain=HistoryRollup.Grain.HOUR, emotion="sad").update(n=7)
    (difference,) = verify_history(owner=user)
    assert (difference.grain, difference.saved[0], difference.counted[0]) == (4, 7, 1)
    assert rebuild_history(owner=user) == 1
    assert verify_history(owner=user) == []


@pytest.mark.django_db
def test_the_migration_rolls_up_existing_sums(user, other_user):
    for owner in (user, other_user):
        add_to_history(make_entries(owner, 200, seed=owner.pk))
    before = saved_rollups()
    HistoryRollup.objects.all().delete()
    import_module("analysis.migrations.0010_history_rollups").roll_up(apps, None)
    assert saved_rollups() == before
