"""Fonts of the charts that are drawn as PNG, and the languages whose letters they have."""

from __future__ import annotations

from functools import cache

from django.conf import settings

_FAMILIES = ("DejaVu Sans", "Noto Sans CJK JP", "Noto Sans JP", "IPAGothic", "IPAexGothic", "VL Gothic")
"""A letter is drawn in the first of these that is installed and has it; Matplotlib brings the first one."""


@cache
def can_be_drawn(language: str) -> bool:
    """Return whether the fonts have the letters with which a language writes its own name."""
    from matplotlib.font_manager import findfont, get_font

    letters: set[int] = set()
    for family in installed_fonts():
        letters |= get_font(findfont(family)).get_charmap().keys()
    return set(map(ord, dict(settings.LANGUAGES).get(language, ""))) <= letters | {ord(" ")}


@cache
def installed_fonts() -> list[str]:
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return [family for family in _FAMILIES if family in installed]
