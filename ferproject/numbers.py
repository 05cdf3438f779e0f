"""Numbers, percentages and lists in the active language; `static/js/shared/i18n.js` does the same in browsers.

Both follow Unicode's CLDR: Babel here, `Intl` there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from django.conf import settings
from django.utils.translation import get_language, to_locale


def number(value: float, digits: int = 0) -> str:
    """Return 1234.5 as 1,235, or with one digit as 1,234.5, in the active language."""
    return format_decimal(value, _pattern(digits), locale=active_locale())


def percent(share: float, digits: int = 0) -> str:
    """Return 0.934 as 93%, or with one digit as 93.4%, in the active language."""
    locale = active_locale()
    pattern = locale.percent_formats[None].pattern
    if digits:
        pattern = pattern.replace("0", "0." + digits * "0")
    return format_percent(share, pattern, locale=locale)


def active_locale() -> Locale:
    """Return how the active language writes numbers and dates; English is British."""
    return _locale(get_language())


def listed(words: Sequence[str]) -> str:
    """Return words as "small, dark and blurred", in the active language."""
    return format_list(words, locale=_locale(get_language()))


@lru_cache
def _pattern(digits: int) -> str:
    return "#,##0" + ("." + digits * "0" if digits else "")


@lru_cache
def _locale(language: str | None) -> Locale:
    name = to_locale(language or settings.LANGUAGE_CODE)
    if name == "en":
        name = "en_GB"
    try:
        return Locale.parse(name)
    except UnknownLocaleError:
        return Locale.parse(name.partition("_")[0])
