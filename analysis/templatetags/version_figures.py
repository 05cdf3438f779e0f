"""How the admin writes a version's figures: to a tenth of a point, since promotions are decided by them."""

from __future__ import annotations

from django import template

register = template.Library()
_NOTHING = "–"


@register.filter
def share(value: float | None) -> str:
    """Return 0.5918 as 59.2%."""
    return _NOTHING if value is None else f"{value:.1%}"


@register.filter
def signed(points: float | None) -> str:
    """Return a change in percentage points with its sign, as +1.4."""
    if points is None:
        return _NOTHING
    return f"{points:+.1f}".replace("-", "−") if abs(points) >= 0.05 else "0.0"


@register.filter
def plain(value: float | None) -> str:
    """Return a number as a script reads it, whatever the language; nothing for None and for what is no number."""
    return "" if value is None or value != value else f"{value:.6f}"
