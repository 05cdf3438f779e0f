"""How sessions write their times and shares."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def clock(seconds: int) -> str:
    """Return seconds since a start as 1:05, or 1:02:05 from an hour on."""
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def in_words(duration: dt.timedelta | int | float) -> str:
    """Return a length of time as people say it: 42 s, 5 min 10 s, 3 h 20 min."""
    total = round(duration.total_seconds() if isinstance(duration, dt.timedelta) else duration)
    minutes, seconds = divmod(total, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


@register.simple_tag
def shares_bar(shares: Iterable[tuple[str, float]]) -> SafeString:
    """Return one bar divided by (emotion, share) pairs; the words beside it say the same to a screen reader."""
    pieces, start = [], 0.0
    for emotion, share in shares:
        pieces.append((emotion, f"{100 * start:.2f}", f"{100 * share:.2f}"))
        start += share
    rectangles = format_html_join("", '<rect class="emotion-{}" x="{}%" width="{}%" height="100%"></rect>', pieces)
    return format_html('<svg class="shares" aria-hidden="true">{}</svg>', rectangles)
