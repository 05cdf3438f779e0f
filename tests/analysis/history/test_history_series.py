"""What faces showed over time, in somebody's own hours, days, weeks and months."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from analysis.errors import HistoryError
from analysis.history.series import (
    MIN_FACES_FOR_SHARES,
    first_and_last_face,
    first_face,
    history_series,
    history_totals,
    totals_by_source,
)
from analysis.history.time_buckets import Interval, span_of_days
from analysis.recognition.emotions import EMOTIONS
from tests.analysis.sums import count_faces

pytestmark = pytest.mark.django_db
UTC = dt.UTC
HAPPY, SAD = EMOTIONS.index("happy"), EMOTIONS.index("sad")


def at(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=UTC)


def series(owner, first: dt.date, last: dt.date, interval: str = "day", zone: dt.tzinfo = UTC, source="photo"):
    span = span_of_days(first, last, zone)
    return history_series(
        owner=owner, start=span.start, end=span.end, interval=Interval(interval), zone=zone, source=source
    )


def numbers(found) -> list[int]:
    return [bucket.faces.n for bucket in found.buckets]


def test_a_bucket_has_counts_means_and_versions(user):
    count_faces(user, at(2026, 3, 10, 9), 3, emotion="happy")
    count_faces(user, at(2026, 3, 10, 20), 1, emotion="sad", model="test-2")

    (bucket,) = series(user, dt.date(2026, 3, 10), dt.date(2026, 3, 10)).buckets

    assert bucket.faces.n == 4
    assert (bucket.faces.counts[HAPPY], bucket.faces.counts[SAD], sum(bucket.faces.counts)) == (3, 1, 4)
    assert bucket.faces.means[HAPPY] == pytest.approx((3 * 0.7 + 0.05) / 4)
    assert sum(bucket.faces.means) == pytest.approx(1)
    assert sum(bucket.faces.shares) == pytest.approx(1)
    assert bucket.models == (("test-1", 3), ("test-2", 1))


def test_buckets_without_faces_are_there_without_means(user):
    count_faces(user, at(2026, 3, 11, 12))
    found = series(user, dt.date(2026, 3, 10), dt.date(2026, 3, 12))
    assert numbers(found) == [0, 1, 0]
    assert [bucket.faces.means for bucket in found.buckets][::2] == [None, None]
    assert found.buckets[0].faces.dominant is None


def test_nobodys_faces_but_the_owners_count(user, other_user):
    count_faces(other_user, at(2026, 3, 10, 12), 5)
    assert numbers(series(user, dt.date(2026, 3, 10), dt.date(2026, 3, 10))) == [0]


def test_one_source_alone(user):
    count_faces(user, at(2026, 3, 10), 2, source="photo")
    count_faces(user, at(2026, 3, 10), 3, source="video")
    day = dt.date(2026, 3, 10)
    assert [numbers(series(user, day, day, source=source)) for source in ("photo", "live", "video")] == [[2], [0], [3]]
    with pytest.raises(HistoryError, match=r"no source “film”. Choose one of photo, live, video"):
        series(user, day, day, source="film")


@pytest.mark.parametrize(
    ("zone", "hours"), [("Asia/Kolkata", 5.5), ("Asia/Kathmandu", 5.75), ("America/St_Johns", -3.5), ("UTC", 0)]
)
def test_a_day_begins_at_midnight_where_the_person_is(user, zone: str, hours: float):
    midnight = at(2026, 1, 10) - dt.timedelta(hours=hours)
    count_faces(user, midnight - dt.timedelta(minutes=1), 1)
    count_faces(user, midnight, 2)
    count_faces(user, midnight + dt.timedelta(hours=24), 4)
    assert numbers(series(user, dt.date(2026, 1, 9), dt.date(2026, 1, 11), zone=ZoneInfo(zone))) == [1, 2, 4]


@pytest.mark.parametrize(("day", "hours"), [(dt.date(2026, 3, 29), 23), (dt.date(2026, 10, 25), 25)])
def test_a_day_when_clocks_are_set_has_all_its_hours_and_no_other(user, day: dt.date, hours: int):
    berlin = ZoneInfo("Europe/Berlin")
    span = span_of_days(day, day, berlin)
    for hour in range(-1, hours + 1):
        count_faces(user, span.start + dt.timedelta(hours=hour))
    assert numbers(series(user, day, day, zone=berlin)) == [hours]
    assert numbers(series(user, day, day, "hour", berlin)) == [1] * hours


def test_a_clock_set_by_half_an_hour_leaves_an_hour_of_half_an_hour(user):
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    day = dt.date(2026, 4, 5)  # at 2:00 it is 1:30 again
    buckets = series(user, day, day, "hour", lord_howe).buckets
    lengths = [bucket.span.end - bucket.span.start for bucket in buckets]
    assert sum(lengths, dt.timedelta()) == dt.timedelta(hours=24.5)
    assert lengths.count(dt.timedelta(minutes=30)) == 1
    assert set(lengths) == {dt.timedelta(hours=1), dt.timedelta(minutes=30)}


def test_a_day_without_a_midnight_begins_where_it_begins(user):
    santiago = ZoneInfo("America/Santiago")
    day = dt.date(2026, 9, 6)  # 0:00 is 1:00
    span = span_of_days(day, day, santiago)
    assert (span.start, span.end - span.start) == (at(2026, 9, 6, 4), dt.timedelta(hours=23))
    count_faces(user, span.start - dt.timedelta(seconds=1))
    count_faces(user, span.start, 2)
    assert numbers(series(user, day, day, zone=santiago)) == [2]


def test_weeks_begin_on_monday_and_the_ranges_ends_cut_them(user):
    for day in range(9, 23):
        count_faces(user, at(2026, 3, day, 12))
    found = series(user, dt.date(2026, 3, 11), dt.date(2026, 3, 17), "week")  # Wednesday to Tuesday
    assert numbers(found) == [5, 2]
    assert [bucket.span.start.date().isoformat() for bucket in found.buckets] == ["2026-03-11", "2026-03-16"]


def test_months_end_when_they_end(user):
    for day in (at(2024, 2, 29, 23, 59), at(2024, 3, 1), at(2024, 1, 31, 23, 45), at(2024, 12, 31, 23, 59)):
        count_faces(user, day)
    assert numbers(series(user, dt.date(2024, 1, 1), dt.date(2024, 12, 31), "month")) == [1, 1, 1, *[0] * 8, 1]


def test_moments_between_quarters_take_in_the_whole_quarters(user):
    count_faces(user, at(2026, 3, 10, 12, 1))
    found = history_series(
        owner=user,
        start=at(2026, 3, 10, 12, 7),
        end=at(2026, 3, 10, 12, 8),
        interval=Interval.HOUR,
        zone=UTC,
        source="photo",
    )
    assert numbers(found) == [1]
    assert (found.span.start, found.span.end) == (at(2026, 3, 10, 12), at(2026, 3, 10, 12, 15))


def test_buckets_are_bounded(user):
    with pytest.raises(HistoryError, match=r"up to 1,000 intervals. Choose a longer interval or fewer days") as error:
        series(user, dt.date(2026, 1, 1), dt.date(2026, 2, 11), "hour")
    assert error.value.code == "too_many_buckets"
    assert len(series(user, dt.date(2024, 1, 1), dt.date(2026, 9, 26)).buckets) == 1000


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (dt.date(2026, 3, 2), dt.date(2026, 3, 1)),
        (dt.date(1, 1, 1), dt.date(2026, 1, 1)),
        (dt.date(2026, 1, 1), dt.date.max),
    ],
)
def test_a_range_that_is_none_is_refused(user, first: dt.date, last: dt.date):
    with pytest.raises(HistoryError) as error:
        series(user, first, last, "month")
    assert error.value.code == "bad_range"


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_the_first_and_the_last_day_can_be_asked_for_everywhere(user, zone: str):
    for day in (dt.date(2000, 1, 1), dt.date(2099, 12, 31)):
        assert numbers(series(user, day, day, zone=ZoneInfo(zone))) == [0]


def test_it_asks_the_database_once(user, django_assert_num_queries):
    for month in range(1, 13):
        for version in range(5):
            count_faces(user, at(2026, month, 3), emotion="sad", model=f"test-{version}", source="live")
    with django_assert_num_queries(1):
        found = series(user, dt.date(2026, 1, 1), dt.date(2026, 12, 31), "month", source="live")
    assert numbers(found) == [5] * 12
    assert len(found.totals.by_model) == 5


def test_totals_of_a_range(user):
    count_faces(user, at(2026, 3, 10, 9, 20), 3, emotion="happy")
    count_faces(user, at(2026, 3, 12, 9), 4, emotion="sad", model="test-2")
    count_faces(user, at(2026, 3, 14, 9), 8, emotion="sad", source="live")
    count_faces(user, at(2026, 4, 1), 9)
    march = {"owner": user, "start": at(2026, 3, 1), "end": at(2026, 4, 1)}

    found = history_totals(**march, source="photo")

    assert (found.whole.faces.n, found.whole.faces.dominant) == (7, "sad")
    assert [(name, tally.n) for name, tally in found.by_model] == [("test-2", 4), ("test-1", 3)]
    assert first_and_last_face(**march, source="photo") == (at(2026, 3, 10, 9, 15), at(2026, 3, 12, 9))
    assert found.whole == series(user, dt.date(2026, 3, 1), dt.date(2026, 3, 31)).totals.whole
    by_source = totals_by_source(**march)
    assert by_source["photo"] == found
    assert {source: totals.whole.faces.n for source, totals in by_source.items()} == {"photo": 7, "live": 8, "video": 0}


def test_the_first_face_of_a_source(user, other_user):
    assert first_face(owner=user, source="photo") is None
    count_faces(other_user, at(2026, 3, 1))
    count_faces(user, at(2026, 3, 9, 9), source="live")
    for day, hour in ((10, 23), (10, 9), (12, 1)):
        count_faces(user, at(2026, 3, day, hour, 20))
    assert first_face(owner=user, source="photo") == at(2026, 3, 10, 9, 15)


@pytest.mark.parametrize("read", [history_totals, first_and_last_face])
def test_totals_and_times_are_one_query_each(user, django_assert_num_queries, read):
    count_faces(user, at(2026, 3, 10))
    with django_assert_num_queries(1):
        read(owner=user, start=at(2026, 3, 1), end=at(2026, 4, 1), source="photo")


def test_totals_of_nothing(user):
    march = {"owner": user, "start": at(2026, 3, 1), "end": at(2026, 4, 1), "source": "live"}
    found = history_totals(**march)
    assert (found.whole.faces.n, found.by_model) == (0, ())
    assert first_and_last_face(**march) == (None, None)


@pytest.mark.parametrize(
    ("n", "few"), [(0, False), (1, True), (MIN_FACES_FOR_SHARES - 1, True), (MIN_FACES_FOR_SHARES, False)]
)
def test_fewer_than_a_stated_number_are_few(user, n: int, few: bool):
    if n:
        count_faces(user, at(2026, 3, 10), n)
    found = history_totals(owner=user, start=at(2026, 3, 10), end=at(2026, 3, 11), source="photo")
    assert found.whole.faces.is_few is few
