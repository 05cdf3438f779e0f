"""How the dashboard names stretches of time, and where it leads to what is behind them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format

from analysis.dashboard.forms import Days
from analysis.history.models import HistorySum
from analysis.history.series import Bucket
from analysis.history.time_buckets import Interval, Span

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Link:
    source: str
    label: str
    url: str


def days_label(days: Days) -> str:
    """Return such as "2–8 March 2026", with no more of the first day than differs from the last."""
    return _range(days.first, days.last)


def bucket_label(span: Span, interval: Interval, zone: dt.tzinfo) -> str:
    """Return the name of an interval, as precise as it is."""
    start = span.start.astimezone(zone)
    if interval is Interval.HOUR:
        # By itself, for there may be a thousand hours and Django's own takes ten times as long.
        return f"{start:%a} {start.day} {start:%b %Y, %H:%M}{_which(span, zone)}"
    first, last = start.date(), _last_day(span, zone)
    if interval is Interval.MONTH and (first.day, (last + _DAY).day) == (1, 1):
        return date_format(first, "F Y")
    return date_format(first, "D j M Y") if first == last else _range(first, last)


def bucket_tick(span: Span, interval: Interval, zone: dt.tzinfo) -> str:
    """Return what fits below a bar."""
    start = span.start.astimezone(zone)
    if interval is Interval.HOUR:
        return f"{start:%a} {start.day} {start:%b}" if (start.hour, start.minute) == (0, 0) else f"{start:%H:%M}"
    return date_format(start, "M Y" if interval is Interval.MONTH else "j M")


def links_behind(part: Bucket, interval: Interval, zone: dt.tzinfo) -> list[Link]:
    """Return where the photos, live sessions and videos are that a bucket counts, those with most faces first."""
    return [
        Link(source, f"{n:,} in {_PLACES[source][0]}", _url_behind(part.span, interval, zone, source))
        for source, n in part.sources
    ]


_PLACES = {
    HistorySum.Source.PHOTO: ("photos", "analysis:history"),
    HistorySum.Source.LIVE: ("live sessions", "analysis:sessions"),
    HistorySum.Source.VIDEO: ("videos", "analysis:sessions"),
}


def _url_behind(span: Span, interval: Interval, zone: dt.tzinfo, source: str) -> str:
    start, end = span.start.astimezone(zone), span.end.astimezone(zone)
    if interval is Interval.HOUR:
        query = {"from": start.isoformat(timespec="minutes"), "to": end.isoformat(timespec="minutes")}
    else:
        query = {"since": str(start.date()), "until": str(_last_day(span, zone))}
    if source == HistorySum.Source.VIDEO:
        query["source"] = source
    return f"{_address(source)}?{urlencode(query)}"


@cache
def _address(source: str) -> str:
    return reverse(_PLACES[HistorySum.Source(source)][1])


def _which(span: Span, zone: dt.tzinfo) -> str:
    """Return " CEST" or " CET" on a day when clocks are set, where an hour may be told twice."""
    start = span.start.astimezone(zone)
    midnight = dt.datetime.combine(start.date(), dt.time.min, tzinfo=zone)
    changes = midnight.utcoffset() != (midnight + _DAY).utcoffset()
    return f" {start.tzname()}" if changes else ""


def _last_day(span: Span, zone: dt.tzinfo) -> dt.date:
    return (span.end - dt.timedelta.resolution).astimezone(zone).date()


def _range(first: dt.date, last: dt.date) -> str:
    if first == last:
        return date_format(first, "j M Y")
    if first.year != last.year:
        return f"{date_format(first, 'j M Y')} – {date_format(last, 'j M Y')}"
    if first.month != last.month:
        return f"{date_format(first, 'j M')} – {date_format(last, 'j M Y')}"
    return f"{first.day}–{date_format(last, 'j M Y')}"
