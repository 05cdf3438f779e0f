"""Dates shorter than Django's formats, and ranges of days, as the active language writes them (Unicode's CLDR)."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from babel.dates import format_date, format_interval, format_skeleton, format_time, get_datetime_format

from ferproject.numbers import active_locale


def day_range(first: dt.date, last: dt.date) -> str:
    """Return such as "2–8 Mar 2026": of the first day only what differs from the last."""
    return str(format_interval(first, last, "yMMMd", locale=active_locale()))


def day(date: dt.date) -> str:
    """Return such as "Thu, 12 Mar 2026"."""
    return _skeleton("yMMMEd", date)


def long_day(date: dt.date) -> str:
    """Return such as "Thursday, 12 March 2026"."""
    return str(format_date(date, "full", locale=active_locale()))


def day_tick(date: dt.date, *, weekday: bool = False) -> str:
    """Return a day without its year, such as "12 Mar" or "Thu 12 Mar"."""
    return _skeleton("MMMEd" if weekday else "MMMd", date)


def month(date: dt.date, *, is_short: bool = False) -> str:
    """Return such as "March 2026" or "Mar 2026"."""
    return _skeleton("yMMM" if is_short else "yMMMM", date)


def clock_time(time: dt.time | dt.datetime) -> str:
    """Return such as "15:00"."""
    return str(format_time(time, "short", locale=active_locale()))


def with_time(date: str, time: str) -> str:
    """Join a day and a time as "Thu, 12 Mar 2026, 15:00"."""
    return str(get_datetime_format("medium", locale=active_locale())).replace("{0}", time).replace("{1}", date)


def _skeleton(skeleton: str, date: dt.date) -> str:
    return _written(skeleton, date, str(active_locale()))


@lru_cache(maxsize=2048)
def _written(skeleton: str, date: dt.date, locale: str) -> str:
    # A page may have a thousand dates.
    return str(format_skeleton(skeleton, date, locale=locale))
