"""Labels of buckets, ranges of days and changes."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from analysis.dashboard.forms import Days
from analysis.dashboard.labels import bucket_label, bucket_tick, days_label
from analysis.history.time_buckets import Interval, span_of_days, split
from analysis.templatetags.ui import signed_points

BERLIN = ZoneInfo("Europe/Berlin")


def names(first: dt.date, last: dt.date, interval: Interval, name=bucket_label) -> list[str]:
    spans = split(span_of_days(first, last, BERLIN), interval, BERLIN)
    return [name(span, interval, BERLIN) for span in spans]


def test_days():
    assert names(dt.date(2026, 3, 9), dt.date(2026, 3, 10), Interval.DAY) == ["Mon, 9 Mar 2026", "Tue, 10 Mar 2026"]


def test_a_week_is_cut_to_the_range():
    found = names(dt.date(2026, 2, 26), dt.date(2026, 3, 9), Interval.WEEK)
    assert found == ["26 Feb\u2009–\u20091 Mar 2026", "2\u2009–\u20098 Mar 2026", "Mon, 9 Mar 2026"]


def test_months():
    found = names(dt.date(2025, 12, 30), dt.date(2026, 2, 3), Interval.MONTH)
    assert found == ["30\u2009–\u200931 Dec 2025", "January 2026", "1\u2009–\u20093 Feb 2026"]


def test_an_hour_that_occurs_twice_has_a_zone():
    found = names(dt.date(2026, 10, 25), dt.date(2026, 10, 25), Interval.HOUR)
    assert found[2:4] == ["Sun, 25 Oct 2026, 02:00 CEST", "Sun, 25 Oct 2026, 02:00 CET"]
    assert names(dt.date(2026, 10, 24), dt.date(2026, 10, 24), Interval.HOUR)[2] == "Sat, 24 Oct 2026, 02:00"


def test_ticks():
    day = dt.date(2026, 10, 24)
    assert names(day, day, Interval.HOUR, bucket_tick)[:2] == ["Sat 24 Oct", "01:00"]
    assert names(day, day, Interval.DAY, bucket_tick) == ["24 Oct"]
    assert names(day, day, Interval.MONTH, bucket_tick) == ["Oct 2026"]


@pytest.mark.parametrize(
    ("first", "last", "label"),
    [
        ((2026, 3, 9), (2026, 3, 9), "9 Mar 2026"),
        ((2026, 3, 9), (2026, 3, 10), "9\u2009–\u200910 Mar 2026"),
        ((2026, 2, 9), (2026, 3, 10), "9 Feb\u2009–\u200910 Mar 2026"),
        ((2025, 12, 9), (2026, 3, 10), "9 Dec 2025\u2009–\u200910 Mar 2026"),
    ],
)
def test_ranges(first, last, label):
    assert days_label(Days(dt.date(*first), dt.date(*last), BERLIN)) == label


@pytest.mark.parametrize(
    ("language", "range", "day", "hour", "month"),
    [
        ("de", "2.–8. März 2026", "Mo., 2. März 2026", "Mo., 2. März 2026, 15:00", "März 2026"),
        ("fr", "2–8 mars 2026", "lun. 2 mars 2026", "lun. 2 mars 2026, 15:00", "mars 2026"),
        ("es", "2–8 mar 2026", "lun, 2 mar 2026", "lun, 2 mar 2026, 15:00", "marzo de 2026"),
        ("ja", "2026年3月2日～8日", "2026年3月2日(月)", "2026年3月2日(月) 15:00", "2026年3月"),
    ],
)
def test_labels_in_the_active_language(language, range, day, hour, month):
    first, last = dt.date(2026, 3, 2), dt.date(2026, 3, 8)
    with translation.override(language):
        assert days_label(Days(first, last, BERLIN)) == range
        assert names(first, first, Interval.DAY) == [day]
        assert names(first, first, Interval.HOUR)[15] == hour
        assert names(dt.date(2026, 3, 1), dt.date(2026, 3, 31), Interval.MONTH) == [month]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (0.4, "+40 points"),
        (-0.01, "−1 point"),
        (0.004, "+0.4 points"),
        (-0.0096, "−1 point"),
        (0.0, "no change"),
        (-0.0002, "no change"),
    ],
)
def test_changes(change, words):
    assert signed_points(change) == words
