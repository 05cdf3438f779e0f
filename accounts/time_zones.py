"""Time zones people can choose, and the one that a request's days and hours are told in."""

from __future__ import annotations

import zoneinfo
from functools import lru_cache

_PLACES = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
_NEWER_NAMES = {
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
"""Browsers go on naming these by the names they had when CLDR first listed them."""


def newer_name(name: str) -> str:
    """Return the name that people know a zone by, where this machine knows it too."""
    newer = _NEWER_NAMES.get(name, name)
    return newer if find_zone(newer) else name


@lru_cache(maxsize=1)
def list_zones() -> tuple[str, ...]:
    """Return the names of zones to choose from, in order: places of the world, and UTC."""
    places = (name for name in zoneinfo.available_timezones() if name.split("/")[0] in _PLACES and "/" in name)
    return ("UTC", *sorted(places))


def find_zone(name: str) -> zoneinfo.ZoneInfo | None:
    """Return the zone of that name, or None where this machine knows none.

    Browsers may name a zone by an older name than any in `list_zones`, such as US/Pacific; those are found too.
    """
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    # Names that are paths, directories or hold a null byte end in one of these.
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=1)
def zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the zones for a select element, grouped by part of the world."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in list_zones():
        area, _, place = name.partition("/")
        groups.setdefault(area if place else "Everywhere", []).append((name, place.replace("_", " ") or name))
    return list(groups.items())
