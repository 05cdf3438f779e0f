"""Hours, days, weeks and months of a time zone, as spans of UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext

from analysis.errors import HistoryError
from analysis.history.models import QUARTER_MINUTES, HistoryRollup, floor_to_grain, floor_to_quarter
from ferproject.numbers import number

MAX_BUCKETS = 1000
QUARTER = dt.timedelta(minutes=QUARTER_MINUTES)
Grain = HistoryRollup.Grain
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2099, 12, 31)
"""Earlier time zones were off by seconds; until the last day, offsets are whole quarters of an hour."""


class Interval(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Span:
    """From `start` to before `end`, both in UTC on whole quarters of an hour."""

    start: dt.datetime
    end: dt.datetime


def span_of_days(first: dt.date, last: dt.date, zone: dt.tzinfo) -> Span:
    """Return the span of the days of `zone` from `first` to `last`, both included."""
    if first > last:
        text = gettext("The first day, %(first)s, is after the last day, %(last)s.")
        raise HistoryError("bad_range", text % {"first": first, "last": last})
    for day in (first, last):
        if not FIRST_DAY <= day <= LAST_DAY:
            raise _outside(day)
    return Span(_midnight(first, zone), _midnight(last + dt.timedelta(days=1), zone))


def split(span: Span, interval: Interval, zone: dt.tzinfo, *, max_buckets: int = MAX_BUCKETS) -> tuple[Span, ...]:
    """Return the intervals of `zone` in `span`, the first and the last cut to it; a week begins on Monday.

    Raises `HistoryError` of code "too_many_buckets".
    """
    edges = [span.start]
    for edge in _edges(span.start.astimezone(zone), interval, zone):
        if edge >= span.end:
            break
        if edge > span.start:
            edges.append(edge)
        if len(edges) > max_buckets:
            text = gettext("A chart can have up to %(count)s intervals. Choose a longer interval or fewer days.")
            raise HistoryError("too_many_buckets", text % {"count": number(max_buckets)})
    return tuple(Span(start, end) for start, end in zip(edges, [*edges[1:], span.end], strict=True))


def decompose(span: Span) -> Iterator[tuple[int, Span]]:
    """Yield (grain, piece) of a span, cut into the largest rows of sums that fit; grain 1 is a quarter of an hour."""
    yield from _decompose(span, sorted(Grain, reverse=True))


def _decompose(span: Span, grains: list[Grain]) -> Iterator[tuple[int, Span]]:
    if not grains:
        yield 1, span
        return
    grain, *finer = grains
    first, last = floor_to_grain(span.start, grain), floor_to_grain(span.end, grain)
    if first < span.start:
        first += grain * QUARTER
    if first >= last:
        yield from _decompose(span, finer)
        return
    if span.start < first:
        yield from _decompose(Span(span.start, first), finer)
    yield int(grain), Span(first, last)
    if last < span.end:
        yield from _decompose(Span(last, span.end), finer)


def check_span(start: dt.datetime, end: dt.datetime) -> Span:
    """Return the shortest span that contains both moments; raise `HistoryError` of code "bad_range"."""
    if start >= end:
        text = gettext("The range must end after it begins; it is from %(start)s to %(end)s.")
        raise HistoryError("bad_range", text % {"start": start, "end": end})
    a_day = dt.timedelta(days=1)  # other zones' days begin earlier or end later
    if start.date() < FIRST_DAY - a_day:
        raise _outside(start.date())
    if end.date() > LAST_DAY + a_day:
        raise _outside(end.date())
    return Span(floor_to_quarter(start), floor_to_quarter(end + QUARTER - dt.timedelta.resolution))


def _outside(day: dt.date) -> HistoryError:
    text = gettext("%(day)s is outside the range of dates, %(first)s to %(last)s.")
    return HistoryError("bad_range", text % {"day": day, "first": FIRST_DAY, "last": LAST_DAY})


def _edges(moment: dt.datetime, interval: Interval, zone: dt.tzinfo) -> Iterator[dt.datetime]:
    """Yield the starts of intervals in UTC, from just before `moment` on."""
    if interval is Interval.HOUR:
        yield from _full_hours(moment, zone)
    day = moment.date()
    if interval is Interval.WEEK:
        day -= dt.timedelta(days=day.weekday())
    if interval is Interval.MONTH:
        day = day.replace(day=1)
    while True:
        yield _midnight(day, zone)
        day = _next_day(day, interval)


def _full_hours(moment: dt.datetime, zone: dt.tzinfo) -> Iterator[dt.datetime]:
    # Counted in UTC: an hour that a clock shows twice is two, and a clock set by half an hour (Lord Howe) leaves one
    # of half an hour.
    edge = moment.astimezone(dt.UTC)
    while True:
        edge += dt.timedelta(hours=1) - dt.timedelta(minutes=edge.astimezone(zone).minute)
        yield edge


def _next_day(day: dt.date, interval: Interval) -> dt.date:
    if interval is Interval.MONTH:
        return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    return day + dt.timedelta(days=7 if interval is Interval.WEEK else 1)


def _midnight(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    # A day without a midnight, because clocks were set at it, begins at the first moment of the day.
    return dt.datetime.combine(day, dt.time.min, tzinfo=zone).astimezone(dt.UTC)
