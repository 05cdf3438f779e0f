"""Small pieces of markup that every page uses."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.faces import Face

register = template.Library()


@register.simple_tag
def icon(name: str, **attributes: str) -> SafeString:
    """Return one drawing of `static/icons.svg`; it is decoration, the word stands beside it."""
    classes = " ".join(filter(None, ["icon", attributes.get("class", "")]))
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        classes,
        static("icons.svg"),
        name,
    )


@register.simple_tag
def emotion_icon(emotion: str, **attributes: str) -> SafeString:
    """Return the face of one of the seven emotions in its colour."""
    if emotion not in EMOTIONS:
        raise template.TemplateSyntaxError(f"emotion_icon: expected one of {', '.join(EMOTIONS)}; got {emotion!r}")
    return icon(emotion, **{"class": f"icon-emotion emotion-{emotion} {attributes.get('class', '')}".strip()})


@register.simple_tag(takes_context=True)
def nav_link(context: template.Context, url_name: str, icon_name: str, label: str, *within: str) -> SafeString:
    """Return a link of the main navigation, marked when its page, or one below those named `within`, is shown."""
    url = reverse(url_name)
    path = getattr(context.get("request"), "path", "")
    current = ""
    if path == url:
        current = SafeString(' aria-current="page"')
    elif any(path.startswith(reverse(name)) for name in within):
        current = SafeString(' aria-current="true"')
    return format_html(
        '<a href="{}"{}>{}<span>{}</span></a>',
        url,
        current,
        icon(icon_name),
        label,
    )


@register.filter
def percent(share: float) -> str:
    """Return 0.934 as 93%; never claim certainty or impossibility by rounding."""
    if 0 < share < 0.005:
        return "<1%"
    if 0.995 <= share < 1:
        return ">99%"
    return f"{100 * share:.0f}%"


@register.filter
def points(share: float) -> str:
    """Return a difference of two shares in percentage points, as 31."""
    return f"{100 * share:.0f}"


@register.filter
def signed_points(change: float) -> str:
    """Return a change of a share in percentage points, as +6 points, −1 point or, of less than one, +0.4 points."""
    points = 100 * abs(change)
    rounded = f"{points:.1f}" if points < 0.95 else f"{points:.0f}"
    if rounded == "0.0":
        return "no change"
    return f"{'+' if change > 0 else '−'}{rounded} point{'' if rounded == '1' else 's'}"


@register.simple_tag
def bar(share: float, emotion: str = "") -> SafeString:
    """Return a bar filled to `share`; the number beside it says the same to a screen reader."""
    return format_html(
        '<svg class="bar{}" aria-hidden="true"><rect width="{}%" height="100%"></rect></svg>',
        f" emotion-{emotion}" if emotion else "",
        f"{100 * share:.1f}",
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
