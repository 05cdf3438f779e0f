"""How videos write their sizes."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def megabytes(count: int) -> str:
    """Return bytes as limits are told, in decimal units: 40.2 MB, 19 kB."""
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{count / 1000:.0f} kB"
