"""Descriptions of the reading that a version serves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from analysis.versions.models import ModelVersion


def describe_reading(card: Mapping[str, Any]) -> str:
    """Return what a version predicts: FER-2013's labels, people's votes, or a blend of both."""
    votes = card.get("votes_share") or 0.0
    if not votes:
        return "FER-2013’s labels"
    if votes == 1:
        return "people’s votes"
    return f"{votes:.0%} people’s votes, {1 - votes:.0%} FER-2013’s labels"


def readings_of(names: Iterable[str]) -> dict[str, str]:
    """Return the description of each version that still has a row, by name, in the order of `names`."""
    names = list(dict.fromkeys(names))
    cards = dict(ModelVersion.objects.filter(name__in=names).values_list("name", "card__votes_share"))
    return {name: describe_reading({"votes_share": cards[name]}) for name in names if name in cards}
