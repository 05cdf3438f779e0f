"""Labels of days and buckets, and links to the photos and sessions of a bucket."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from analysis.dashboard.forms import Days
from analysis.date_range_form import TAKEN
from analysis.emotion_fields import ANSWERED
from analysis.history.models import HistorySum
from analysis.history.series import Bucket, Series
from analysis.history.time_buckets import Interval, Span
from analysis.templatetags.ui import duration
from ferproject import dates
from ferproject.numbers import number

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class SourceLink:
    """A link to the list of one source's photos or sessions in a bucket."""

    label: str
    url: str


def days_label(days: Days) -> str:
    """Return such as "2–8 Mar 2026": of the first day only what differs from the last."""
    return dates.day_range(days.first, days.last)


def bucket_label(span: Span, interval: Interval, zone: dt.tzinfo) -> str:
    """Return a bucket's label, as precise as its interval."""
    start = span.start.astimezone(zone)
    first, last = start.date(), _last_day(span, zone)
    if interval is Interval.HOUR:
        return dates.with_time(dates.day(first), dates.clock_time(start)) + _zone_suffix(span, zone)
    if interval is Interval.MONTH and (first.day, (last + _DAY).day) == (1, 1):
        return dates.month(first)
    return dates.day(first) if first == last else dates.day_range(first, last)


def bucket_tick(span: Span, interval: Interval, zone: dt.tzinfo) -> str:
    """Return a label short enough to stand below a bar."""
    start = span.start.astimezone(zone)
    if interval is Interval.HOUR and (start.hour, start.minute) != (0, 0):
        return dates.clock_time(start)
    if interval is Interval.MONTH:
        return dates.month(start.date(), is_short=True)
    return dates.day_tick(start.date(), weekday=interval is Interval.HOUR)


def source_link(bucket: Bucket, series: Series, album: object = None) -> SourceLink:
    """Return a link to the photos, live sessions or videos of a bucket, of those in the album of an id if any."""
    source = HistorySum.Source(series.source)
    query = {}
    if source == source.PHOTO:
        query |= {"dates": TAKEN} if series.by_taken else {}
        query |= {"faces": ANSWERED} if series.as_answered else {}
    if album:
        query["album"] = str(album)
    url = _list_url(bucket.span, series.interval, series.zone, source, **query)
    return SourceLink(_amount_in(source, bucket.faces.n), url)


def _amount_in(source: HistorySum.Source, n: int) -> str:
    if source is HistorySum.Source.PHOTO:
        return ngettext("%(count)s face in photos", "%(count)s faces in photos", n) % {"count": number(n)}
    is_live = source is HistorySum.Source.LIVE
    text = gettext("%(time)s in live sessions") if is_live else gettext("%(time)s in videos")
    return text % {"time": duration(n)}


_LISTS = {
    HistorySum.Source.PHOTO: "analysis:history",
    HistorySum.Source.LIVE: "analysis:sessions",
    HistorySum.Source.VIDEO: "analysis:sessions",
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
    return reverse(_LISTS[HistorySum.Source(source)])


def _zone_suffix(span: Span, zone: dt.tzinfo) -> str:
    """Return " CEST" or " CET" on a day when clocks are set, where an hour may occur twice."""
    start = span.start.astimezone(zone)
    midnight = dt.datetime.combine(start.date(), dt.time.min, tzinfo=zone)
    changes = midnight.utcoffset() != (midnight + _DAY).utcoffset()
    return f" {start.tzname()}" if changes else ""


def _last_day(span: Span, zone: dt.tzinfo) -> dt.date:
    return (span.end - dt.timedelta.resolution).astimezone(zone).date()
