"""Time zones that users can choose."""

from __future__ import annotations

import zoneinfo
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

_AREAS = {
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Arctic": _("Arctic"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic"),
    "Australia": _("Australia"),
    "Europe": _("Europe"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific"),
}
_CURRENT_NAMES = {
    "Africa/Asmera": "Africa/Asmara",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Catamarca": "America/Argentina/Catamarca",
    "America/Coral_Harbour": "America/Atikokan",
    "America/Cordoba": "America/Argentina/Cordoba",
    "America/Godthab": "America/Nuuk",
    "America/Indianapolis": "America/Indiana/Indianapolis",
    "America/Jujuy": "America/Argentina/Jujuy",
    "America/Louisville": "America/Kentucky/Louisville",
    "America/Mendoza": "America/Argentina/Mendoza",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Atlantic/Faeroe": "Atlantic/Faroe",
    "Europe/Kiev": "Europe/Kyiv",
    "Pacific/Enderbury": "Pacific/Kanton",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
}
"""Current names by the old ones, from CLDR, that browsers report."""


def current_name(name: str) -> str:
    """Return the zone's current name if this system knows it, else `name`."""
    current = _CURRENT_NAMES.get(name, name)
    return current if find_zone(current) else name


def find_zone(name: str) -> zoneinfo.ZoneInfo | None:
    """Return the zone of that name, which may be an old one such as US/Pacific; None if this system has none."""
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    # ValueError and OSError: paths, directories and names with NUL.
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=1)
def zone_choices() -> list[tuple[Any, list[tuple[str, str]]]]:
    """Return UTC and the zones named after places as choices of a select element, grouped by area."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(zoneinfo.available_timezones()):
        area, _slash, place = name.partition("/")
        if place and area in _AREAS:
            groups.setdefault(area, []).append((name, place.replace("_", " ")))
    return [(_("World"), [("UTC", "UTC")]), *((_AREAS[area], zones) for area, zones in groups.items())]
