"""Labels of days and buckets, and links to the photos and sessions of a bucket."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from django.urls import reverse
from django.utils.formats import date_format

from analysis.dashboard.forms import Days
from analysis.date_range_form import TAKEN
from analysis.emotion_fields import ANSWERED
from analysis.history.models import HistorySum
from analysis.history.series import Bucket, Series
from analysis.history.time_buckets import Interval, Span
from analysis.templatetags.ui import amount

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class SourceLink:
    """A link to the list of one source's photos or sessions in a bucket."""

    label: str
    url: str


def days_label(days: Days) -> str:
    """Return such as "2–8 Mar 2026": of the first day only what differs from the last."""
    return _range(days.first, days.last)


def bucket_label(span: Span, interval: Interval, zone: dt.tzinfo) -> str:
    """Return a bucket's label, as precise as its interval."""
    start = span.start.astimezone(zone)
    if interval is Interval.HOUR:
        # strftime, because there may be a thousand hours and `date_format` takes ten times as long.
        return f"{start:%a} {start.day} {start:%b %Y, %H:%M}{_zone_suffix(span, zone)}"
    first, last = start.date(), _last_day(span, zone)
    if interval is Interval.MONTH and (first.day, (last + _DAY).day) == (1, 1):
        return date_format(first, "F Y")
    return date_format(first, "D j M Y") if first == last else _range(first, last)


def bucket_tick(span: Span, interval: Interval, zone: dt.tzinfo) -> str:
    """Return a label short enough to stand below a bar."""
    start = span.start.astimezone(zone)
    if interval is Interval.HOUR:
        return f"{start:%a} {start.day} {start:%b}" if (start.hour, start.minute) == (0, 0) else f"{start:%H:%M}"
    return date_format(start, "M Y" if interval is Interval.MONTH else "j M")


def source_link(bucket: Bucket, series: Series, album: object = None) -> SourceLink:
    """Return a link to the photos, live sessions or videos of a bucket, of those in the album of an id if any."""
    source = HistorySum.Source(series.source)
    name, _ = _LISTS[source]
    query = {}
    if source == source.PHOTO:
        query |= {"dates": TAKEN} if series.by_taken else {}
        query |= {"faces": ANSWERED} if series.as_answered else {}
    if album:
        query["album"] = str(album)
    url = _list_url(bucket.span, series.interval, series.zone, source, **query)
    return SourceLink(f"{amount(bucket.faces.n, source.unit)} in {name}", url)


_LISTS = {
    HistorySum.Source.PHOTO: ("photos", "analysis:history"),
    HistorySum.Source.LIVE: ("live sessions", "analysis:sessions"),
    HistorySum.Source.VIDEO: ("videos", "analysis:sessions"),
}


def _list_url(span: Span, interval: Interval, zone: dt.tzinfo, source: str, **query: str) -> str:
    start, end = span.start.astimezone(zone), span.end.astimezone(zone)
    if interval is Interval.HOUR:
        query |= {"from": start.isoformat(timespec="minutes"), "to": end.isoformat(timespec="minutes")}
    else:
        query |= {"since": str(start.date()), "until": str(_last_day(span, zone))}
    if source == HistorySum.Source.VIDEO:
        query["source"] = source
    # Not `urlencode`, which takes 11 ms for a thousand hours: of the characters in these values only a plus needs it.
    pairs = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{_list_path(source)}?{pairs.replace('+', '%2B')}"


@cache
def _list_path(source: str) -> str:
    return reverse(_LISTS[HistorySum.Source(source)][1])


def _zone_suffix(span: Span, zone: dt.tzinfo) -> str:
    """Return " CEST" or " CET" on a day when clocks are set, where an hour may occur twice."""
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
