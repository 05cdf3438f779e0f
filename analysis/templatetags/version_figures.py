"""Filters of a version's metrics in the admin, to a tenth of a percentage point."""

from __future__ import annotations

from django import template

register = template.Library()
_NONE = "–"


@register.filter
def share(value: float | None) -> str:
    """Return 0.5918 as 59.2%."""
    return _NONE if value is None else f"{value:.1%}"


@register.filter
def signed(points: float | None) -> str:
    """Return a change in percentage points with its sign, as +1.4."""
    if points is None:
        return _NONE
    return f"{points:+.1f}".replace("-", "−") if abs(points) >= 0.05 else "0.0"


@register.filter
def plain(value: float | None) -> str:
    """Return a number for a script, in any language; "" for None and NaN."""
    return "" if value is None or value != value else f"{value:.6f}"
