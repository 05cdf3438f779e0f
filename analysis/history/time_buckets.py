"""Hours, days, weeks and months of a time zone as stretches of UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from analysis.errors import HistoryError
from analysis.history.models import QUARTER_MINUTES, HistoryRollup, quarter_of, start_of

MOST_BUCKETS = 1000
QUARTER = dt.timedelta(minutes=QUARTER_MINUTES)
Grain = HistoryRollup.Grain
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2099, 12, 31)
"""Zones of earlier times were off by seconds; until the last day their rules are guesses, yet whole quarters."""


class Interval(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Span:
    """From `start` on, and before `end`; both in UTC, on whole quarter-hours."""

    start: dt.datetime
    end: dt.datetime


def span_of_days(first: dt.date, last: dt.date, zone: dt.tzinfo) -> Span:
    """Return the days from `first` to `last`, both included, as they are in `zone`."""
    if first > last:
        raise HistoryError("bad_range", f"from, to: expected a first day and a later one; got {first} and {last}.")
    for name, day in (("from", first), ("to", last)):
        if not FIRST_DAY <= day <= LAST_DAY:
            raise HistoryError("bad_range", f"{name}: expected a day from {FIRST_DAY} to {LAST_DAY}; got {day}.")
    return Span(_midnight(first, zone), _midnight(last + dt.timedelta(days=1), zone))


def split(span: Span, interval: Interval, zone: dt.tzinfo, *, most: int = MOST_BUCKETS) -> tuple[Span, ...]:
    """Return the intervals of `zone` that `span` touches, at most so many, the first and the last cut to it.

    A day is what lies between two midnights there, be it 23, 24 or 25 hours; a week begins on Monday.
    """
    edges = [span.start]
    for edge in _edges(span.start.astimezone(zone), interval, zone):
        if edge >= span.end:
            break
        if edge > span.start:
            edges.append(edge)
        if len(edges) > most:
            raise HistoryError(
                "too_many_buckets",
                f"interval: expected one of which the range has at most {most:,}; got {interval} for the time "
                f"from {span.start.astimezone(zone):%Y-%m-%d} to {span.end.astimezone(zone):%Y-%m-%d}. "
                "Choose a longer interval or a shorter range.",
            )
    return tuple(Span(start, end) for start, end in zip(edges, [*edges[1:], span.end], strict=True))


def pieces(span: Span) -> Iterator[tuple[int, Span]]:
    """Cut a span into whole days of UTC, six hours at their edges, hours at those, and quarter-hours at the last.

    Each piece comes with its grain: how many quarter-hours the rows of sums cover that it is read from.
    """
    yield from _pieces(span, sorted(Grain, reverse=True))


def _pieces(span: Span, grains: list[Grain]) -> Iterator[tuple[int, Span]]:
    if not grains:
        yield 1, span
        return
    grain, *finer = grains
    first, last = start_of(span.start, grain), start_of(span.end, grain)
    if first < span.start:
        first += grain * QUARTER
    if first >= last:
        yield from _pieces(span, finer)
        return
    if span.start < first:
        yield from _pieces(Span(span.start, first), finer)
    yield int(grain), Span(first, last)
    if last < span.end:
        yield from _pieces(Span(last, span.end), finer)


def check_span(start: dt.datetime, end: dt.datetime) -> Span:
    """Return a span of whole quarter-hours, in which all that lies between the two is."""
    if start >= end:
        raise HistoryError("bad_range", f"from, to: expected a beginning and a later end; got {start} and {end}.")
    a_day = dt.timedelta(days=1)  # in which other zones begin it earlier, or end it later
    if start.date() < FIRST_DAY - a_day or end.date() > LAST_DAY + a_day:
        raise HistoryError("bad_range", f"from, to: expected days from {FIRST_DAY} to {LAST_DAY}; got {start}, {end}.")
    return Span(quarter_of(start), quarter_of(end + QUARTER - dt.timedelta.resolution))


def _edges(moment: dt.datetime, interval: Interval, zone: dt.tzinfo) -> Iterator[dt.datetime]:
    """Yield, in UTC, where intervals begin, from about `moment` on."""
    if interval is Interval.HOUR:
        yield from _full_hours(moment, zone)
    day = moment.date()
    if interval is Interval.WEEK:
        day -= dt.timedelta(days=day.weekday())
    if interval is Interval.MONTH:
        day = day.replace(day=1)
    while True:
        yield _midnight(day, zone)
        day = _next(day, interval)


def _full_hours(moment: dt.datetime, zone: dt.tzinfo) -> Iterator[dt.datetime]:
    # In UTC and by the minutes on the clock there: an hour told twice in autumn is two, a clock set by half an
    # hour (Lord Howe) leaves one of half an hour.
    edge = moment.astimezone(dt.UTC)
    while True:
        edge += dt.timedelta(hours=1) - dt.timedelta(minutes=edge.astimezone(zone).minute)
        yield edge


def _next(day: dt.date, interval: Interval) -> dt.date:
    if interval is Interval.MONTH:
        return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    return day + dt.timedelta(days=7 if interval is Interval.WEEK else 1)


def _midnight(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    # Where clocks are set at midnight, the day begins at the first moment that is told as it, or would have been.
    return dt.datetime.combine(day, dt.time.min, tzinfo=zone).astimezone(dt.UTC)
