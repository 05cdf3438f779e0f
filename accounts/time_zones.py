"""Time zones people can choose, and the one that a request's days and hours are told in."""

from __future__ import annotations

import zoneinfo
from functools import lru_cache

_PLACES = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


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
