"""Tags and filters that many pages use: icons, bars, shares, durations, sizes."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.faces import Face
from analysis.recognition.framing import frame_by_detector, frame_of_box
from analysis.words import CORRECTION_NAMES, EMOTION_NAMES, QUALITY_NAMES
from ferproject import dates, numbers

register = template.Library()


@register.simple_tag
def icon(name: str, **attributes: str) -> SafeString:
    """Return an icon of `static/icons.svg`, as decoration beside a word."""
    classes = " ".join(filter(None, ["icon", attributes.get("class", "")]))
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        classes,
        static("icons.svg"),
        name,
    )


@register.simple_tag
def emotion_icon(emotion: str, **attributes: str) -> SafeString:
    """Return the icon of an emotion in its colour; that of "" is for a face of which its owner cannot tell it."""
    if emotion and emotion not in EMOTIONS:
        raise template.TemplateSyntaxError(f"emotion_icon: expected one of {', '.join(EMOTIONS)}; got {emotion!r}")
    kind, name = ("icon-emotion ", emotion) if emotion else ("", "uncertain")
    return icon(name, **{"class": f"{kind}emotion-{emotion or 'unknown'} {attributes.get('class', '')}".strip()})


@register.filter
def shown_emotion(face: Any, as_answered: bool) -> str:
    """Return a stored face's emotion as its owner corrected it, "" where they cannot tell, or as it was answered."""
    return face.emotion if as_answered else face.corrected_emotion


@register.simple_tag(takes_context=True)
def nav_link(context: template.Context, url_name: str, icon_name: str, label: str, *within: str) -> SafeString:
    """Return a link of the main navigation, marked as current on its page and on pages below those named `within`."""
    url = reverse(url_name)
    path = getattr(context.get("request"), "path", "")
    current = ""
    if path == url:
        current = SafeString(' aria-current="page"')
    elif any(path.startswith(reverse(name)) for name in within):
        current = SafeString(' aria-current="true"')
    return format_html('<a href="{}"{}>{}<span>{}</span></a>', url, current, icon(icon_name), label)


@register.simple_tag
def go_to(key: str, url_name: str, label: str) -> SafeString:
    """Return a row of the list of keyboard shortcuts: g and a key lead to a page."""
    return format_html(
        '<div data-key="{}" data-url="{}"><dt><kbd>g</kbd> <kbd>{}</kbd></dt><dd>{}</dd></div>',
        key,
        reverse(url_name),
        key,
        label,
    )


@register.filter
def count_emotions(faces: Iterable[Any], as_answered: bool) -> list[tuple[str, int]]:
    """Return the number of stored faces by `shown_emotion`, most frequent first."""
    return Counter(shown_emotion(face, as_answered) for face in faces).most_common()


@register.filter
def emotion_name(emotion: str) -> str:
    """Return an emotion's name in the active language, in lower case where a noun is, such as "happy"; "" for ""."""
    return str(EMOTION_NAMES[emotion]) if emotion else ""


@register.filter
def correction_name(correction: str) -> str:
    """Return the name of a correction's expression, or "cannot tell" or "not a face"."""
    return str(CORRECTION_NAMES[correction])


@register.filter
def quality_words(warnings: Iterable[str]) -> str:
    """Return what a face's quality warnings say of it, as "small and dark"."""
    return numbers.listed([str(QUALITY_NAMES[warning]) for warning in warnings])


@register.filter
def lead(face: Face) -> str:
    """Return as "31 points ahead of sad" how far a face's expression is from the second likeliest."""
    count = round(100 * face.margin)
    text = ngettext("%(count)s point ahead of %(emotion)s", "%(count)s points ahead of %(emotion)s", count)
    return text % {"count": numbers.number(count), "emotion": EMOTION_NAMES[face.runner_up]}


@register.filter
def percent(share: float) -> str:
    """Return 0.934 as 93%; only 0 and 1 are 0% and 100%."""
    if 0 < share < 0.005:
        return f"<{numbers.percent(0.01)}"
    if 0.995 <= share < 1:
        return f">{numbers.percent(0.99)}"
    return numbers.percent(share)


@register.filter
def probability(value: float) -> str:
    """Return a probability as `percent` does, never as 0% or 100%: a network that rounds to them is not that sure."""
    return percent(min(max(value, 0.001), 0.999))


@register.filter
def points(share: float) -> str:
    """Return a difference of two shares in percentage points, as 31."""
    return numbers.number(100 * share)


@register.filter
def signed_points(change: float) -> str:
    """Return a change of a share in percentage points, as +6 points, −1 point or, of less than one, +0.4 points."""
    rounded = _rounded_points(change)
    if not rounded:
        return gettext("no change")
    return ngettext("%(points)s point", "%(points)s points", 1 if rounded == 1 else 2) % {
        "points": signed_share(change)
    }


@register.filter
def signed_share(change: float) -> str:
    """Return a change of a share in percentage points without the word, as +6, −1, +0.4 or 0."""
    rounded = _rounded_points(change)
    sign = "" if not rounded else "+" if change > 0 else "−"
    return sign + numbers.number(rounded, digits=int(0 < rounded < 1))


def _rounded_points(change: float) -> float:
    points = 100 * abs(change)
    return round(points, 1) if points < 0.95 else round(points)


@register.simple_tag
def bar(share: float, emotion: str = "") -> SafeString:
    """Return a bar filled to `share`, hidden from screen readers, which read the number beside it."""
    return format_html(
        '<svg class="bar{}" aria-hidden="true"><rect width="{}%" height="100%"></rect></svg>',
        f" emotion-{emotion}" if emotion else "",
        f"{100 * share:.1f}",
    )


@register.simple_tag
def face_crop(face: Any, photo: Any, address: str = "") -> SafeString:
    """Return a face as the network sees it, a part of the photo's own picture; nothing where that was removed.

    `address` is the picture's, where it is not its owner who sees it.
    """
    if not photo.picture:
        return SafeString("")
    frame = frame_of_box(face.value.box, frame_by_detector(photo.result.detector))
    return format_html(
        '<svg class="face-crop" viewBox="{} {} {} {}" aria-hidden="true" focusable="false">'
        '<image href="{}" width="{}" height="{}" preserveAspectRatio="none"></image></svg>',
        *(f"{number:.1f}" for number in (frame.x, frame.y, frame.width, frame.height)),
        address or reverse("analysis:image", args=[photo.pk]),
        photo.width,
        photo.height,
    )


@register.filter
def by_emotion(face: Face) -> list[tuple[str, float]]:
    """Return a face's seven (emotion, probability) pairs in the order of `EMOTIONS`."""
    return [(str(emotion), p) for emotion, p in zip(EMOTIONS, face.probabilities, strict=True)]


@register.simple_tag
def bar_with_mark(share: float, mark: float) -> SafeString:
    """Return a bar filled to `share` with a line at `mark`."""
    return format_html(
        '<svg class="bar bar-marked" aria-hidden="true"><rect width="{}%" height="100%"></rect>'
        '<line x1="{}%" x2="{}%" y1="0" y2="100%"></line></svg>',
        *(f"{100 * value:.1f}" for value in (share, mark, mark)),
    )


@register.simple_tag
def shares_bar(shares: Iterable[tuple[str, float]]) -> SafeString:
    """Return a bar divided by (emotion, share) pairs, hidden from screen readers, which read the words beside it."""
    parts, start = [], 0.0
    for emotion, share in shares:
        parts.append((emotion, f"{100 * start:.2f}", f"{100 * share:.2f}"))
        start += share
    rectangles = format_html_join("", '<rect class="emotion-{}" x="{}%" width="{}%" height="100%"></rect>', parts)
    return format_html('<svg class="shares" aria-hidden="true">{}</svg>', rectangles)


@register.filter
def clock(seconds: int) -> str:
    """Return seconds since a start as 1:05, or 1:02:05 from an hour on."""
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def duration(length: dt.timedelta | int | float) -> str:
    """Return a length of time as 42 s, 5 min 10 s or 3 h 20 min."""
    total = round(length.total_seconds() if isinstance(length, dt.timedelta) else length)
    minutes, seconds = divmod(total, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return gettext("%(hours)s h %(minutes)s min") % {"hours": numbers.number(hours), "minutes": minutes}
    if minutes:
        return gettext("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": seconds}
    return gettext("%(seconds)s s") % {"seconds": seconds}


@register.filter
def long_day(day: dt.date) -> str:
    """Return today, yesterday or such as Thursday, 12 March 2026."""
    named = {0: gettext("today"), 1: gettext("yesterday")}
    return named.get((timezone.localdate() - day).days) or dates.long_day(day)


@register.filter
def amount(n: int, unit: str) -> str:
    """Return a number of faces, as 1,200 faces, or the time that faces were seen: `unit` is "face" or "second"."""
    if unit == "second":
        return duration(n)
    return ngettext("%(count)s face", "%(count)s faces", n) % {"count": numbers.number(n)}


@register.filter
def less_than(n: int, unit: str) -> str:
    """Return as "fewer than 5 faces" or "less than 5 s"."""
    if unit == "second":
        return gettext("less than %(time)s") % {"time": duration(n)}
    return ngettext("fewer than %(count)s face", "fewer than %(count)s faces", n) % {"count": numbers.number(n)}


@register.filter
def megabytes(count: int) -> str:
    """Return bytes in decimal units, as 40.2 MB, 20 MB or 19 kB."""
    if count >= 1_000_000:
        size = round(count / 1_000_000, 1)
        return gettext("%(size)s MB") % {"size": numbers.number(size, digits=int(size % 1 > 0))}
    return gettext("%(size)s kB") % {"size": numbers.number(count / 1000)}


@register.filter
def share(value: float | None) -> str:
    """Return 0.5918 as 59.2%."""
    return "–" if value is None else numbers.percent(value, digits=1)


@register.filter
def signed(points: float | None) -> str:
    """Return a change in percentage points with its sign, as +1.4."""
    if points is None:
        return "–"
    if abs(points) < 0.05:
        return numbers.number(0, digits=1)
    return ("+" if points > 0 else "−") + numbers.number(abs(points), digits=1)


@register.filter
def plain(value: float | None) -> str:
    """Return a number for a script, in any language; "" for None and NaN."""
    return "" if value is None or value != value else f"{value:.6f}"
