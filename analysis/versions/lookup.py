"""What each process looks up about model versions every few seconds, in one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from analysis.versions.models import ModelVersion

ANNOUNCED_FOR = dt.timedelta(seconds=20)
"""How long a version that is to be promoted is announced after the last time it was."""


@dataclass(frozen=True)
class PinnedVersion:
    """A version's name, and the SHA-256 that each of its files must have."""

    name: str
    pins: Mapping[str, str]


@dataclass(frozen=True)
class Lookup:
    """The version that is active, and the one that each process fetches because it may be promoted next."""

    active: PinnedVersion | None
    announced: PinnedVersion | None = None


def look_up_versions() -> Lookup:
    since = timezone.now() - ANNOUNCED_FOR
    active = announced = None
    for version in ModelVersion.objects.active_or_announced(since):
        pinned = PinnedVersion(version.name, version.pins)
        if version.is_active:
            active = pinned
        if version.announced_at is not None and version.announced_at > since:
            announced = announced or pinned
    return Lookup(active, announced)
