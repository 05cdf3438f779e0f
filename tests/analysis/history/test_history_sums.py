"""Sums that are added to and taken from leave exactly what is still there."""

import datetime as dt
import logging
import random

import pytest
from django.db import transaction

from analysis.history.models import SUM_FIELDS, HistorySum, floor_to_quarter
from analysis.history.sums import HistoryEntry, add_to_history, remove_from_history, sum_up
from analysis.recognition.emotions import EMOTIONS

NOON = dt.datetime(2026, 3, 10, 12, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def count(user):
    def count(minutes=0.0, *, emotion="happy", source="photo", model="test-1", owner=user, confidence=0.7):
        rest = (1 - confidence) / 6
        probabilities = tuple(confidence if e == emotion else rest for e in EMOTIONS)
        return HistoryEntry(owner.pk, NOON + dt.timedelta(minutes=minutes), source, model, emotion, probabilities)

    return count


def _rows():
    return {(row.quarter, row.source, row.emotion, row.model): row.n for row in HistorySum.objects.all()}


def test_one_row_sums_a_quarter_of_an_hour(count):
    add_to_history([count(0), count(14.99), count(15)])
    assert _rows() == {
        (NOON, "photo", "happy", "test-1"): 2,
        (NOON + dt.timedelta(minutes=15), "photo", "happy", "test-1"): 1,
    }


def test_the_sums_are_millionths(count):
    add_to_history([count(confidence=0.7)])
    add_to_history([count(confidence=0.4)])
    row = HistorySum.objects.get()
    assert {name: getattr(row, name) for name in SUM_FIELDS} == {
        **dict.fromkeys(SUM_FIELDS, 50_000 + 100_000),
        "sum_happy": 1_100_000,
    }


def test_each_source_emotion_version_and_owner_has_its_own_row(count, other_user):
    ones = [
        count(),
        count(source="live"),
        count(emotion="sad"),
        count(model="test-2"),
        count(owner=other_user),
    ]
    add_to_history(ones)
    assert list(HistorySum.objects.values_list("n", flat=True)) == [1] * len(ones)


def test_a_quarter_is_in_utc():
    in_nepal = dt.datetime(2026, 3, 10, 17, 58, 30, 5, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=45)))
    assert floor_to_quarter(in_nepal) == NOON


def test_removing_all_entries_leaves_no_row(count):
    ones = [count(minute / 3, confidence=0.3 + minute / 1000) for minute in range(200)]
    add_to_history(ones)
    remove_from_history(reversed(ones))
    assert not HistorySum.objects.exists()


def test_the_remaining_sums_are_exact_in_any_order(count):
    chance = random.Random(1)
    ones = [
        count(chance.uniform(0, 60), emotion=chance.choice(EMOTIONS), confidence=chance.uniform(0.2, 1))
        for _ in range(300)
    ]
    add_to_history(ones)
    gone = chance.sample(ones, 200)
    for one in gone:
        remove_from_history([one])
    stayed = sum_up(one for one in ones if one not in gone)
    kept = {
        (row.owner_id, row.quarter, row.source, row.emotion, row.model): [
            row.n,
            *(getattr(row, name) for name in SUM_FIELDS),
        ]
        for row in HistorySum.objects.all()
    }
    assert kept == {(k.owner_id, k.quarter, k.source, k.emotion, k.model): v for k, v in stayed.items()}


def test_removing_an_unknown_entry_changes_nothing_and_is_logged(count, caplog):
    add_to_history([count(confidence=0.5)])
    with caplog.at_level(logging.ERROR):
        remove_from_history([count(confidence=0.9), count(emotion="sad")])
    assert HistorySum.objects.get().sum_happy == 500_000
    assert "history_sums --rebuild" in caplog.text


def test_a_rolled_back_transaction_takes_its_sums_back(count):
    with transaction.atomic():
        add_to_history([count()])
        transaction.set_rollback(True)
    assert not HistorySum.objects.exists()


def test_more_than_one_batch_is_added(count):
    add_to_history(count() for _ in range(20_001))
    assert HistorySum.objects.get().n == 20_001


def test_no_entries(count):
    add_to_history([])
    remove_from_history(iter([]))
    assert not HistorySum.objects.exists()
