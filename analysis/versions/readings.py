"""Descriptions of the reading that a version serves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext

from analysis.versions.models import ModelVersion
from ferproject import numbers


def describe_reading(card: Mapping[str, Any]) -> str:
    """Return what a version predicts: FER-2013's labels, people's votes, or a blend of both."""
    votes = card.get("votes_share") or 0.0
    if not votes:
        return gettext("FER-2013’s labels")
    if votes == 1:
        return gettext("people’s votes")
    text = gettext("%(votes)s people’s votes, %(labels)s FER-2013’s labels")
    return text % {"votes": numbers.percent(votes), "labels": numbers.percent(1 - votes)}


def readings_of(names: Iterable[str]) -> dict[str, str]:
    """Return the description of each version that still has a row, by name, in the order of `names`."""
    names = list(dict.fromkeys(names))
    cards = dict(ModelVersion.objects.filter(name__in=names).values_list("name", "card__votes_share"))
    return {name: describe_reading({"votes_share": cards[name]}) for name in names if name in cards}
