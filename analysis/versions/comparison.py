"""A model version beside the one that serves: on the same PublicTest rows, by what their cards say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.recognition.emotions import EMOTIONS
from analysis.versions.models import ModelVersion

SPLIT = "PublicTest"
ACCURACY_POINTS = 1.0
RECALL_POINTS = 5.0
SMALL_CLASS_POINTS = 10.0
SMALL_CLASS = 100
"""A class with fewer rows than this may lose `SMALL_CLASS_POINTS` of recall."""


@dataclass(frozen=True)
class Change:
    """One figure before (the active version's) and after, 0 to 1; worse by more than `allowed` points needs a reason.

    `n` rows stand behind it. Either figure is None where there were none.
    """

    name: str
    n: int
    before: float | None
    after: float | None
    allowed: float

    @property
    def points(self) -> float | None:
        """How many percentage points it gained, or lost where negative."""
        if self.before is None or self.after is None:
            return None
        # Rounded so that exactly one point is not more than one point.
        return round(100 * (self.after - self.before), 6)

    @property
    def is_regression(self) -> bool:
        return self.points is not None and self.points < -self.allowed

    def __str__(self) -> str:
        limit = f"more than {self.allowed:g} point{'' if self.allowed == 1 else 's'}"
        return f"{self.name} {self.before or 0:.1%} to {self.after or 0:.1%} ({limit} worse)"


@dataclass(frozen=True)
class Comparison:
    """`active` is None where nothing serves yet; `why_not` says why the two cannot be compared, or is empty."""

    version: str
    active: str | None
    why_not: str = ""
    accuracy: Change | None = None
    recalls: tuple[Change, ...] = ()

    @property
    def is_comparable(self) -> bool:
        return self.accuracy is not None

    @property
    def regressions(self) -> tuple[Change, ...]:
        changes = (self.accuracy, *self.recalls) if self.accuracy else ()
        return tuple(change for change in changes if change.is_regression)

    @property
    def needs_reason(self) -> bool:
        """Whether promoting takes a written reason: it is worse, or nobody can tell."""
        return bool(self.regressions) or (self.active is not None and not self.is_comparable)

    @property
    def explanation(self) -> str:
        """Why a reason is needed, as a sentence; empty where none is."""
        if self.regressions:
            worse = "; ".join(map(str, self.regressions))
            return f"{self.version} is worse than {self.active} on the same {SPLIT} rows: {worse}."
        return self.why_not if self.needs_reason else ""


def compare_with_active(*, version: ModelVersion) -> Comparison:
    """Return how `version` does beside the one that serves."""
    return compare(version, ModelVersion.objects.active())


def compare(version: ModelVersion, active: ModelVersion | None) -> Comparison:
    """Return how `version` does beside `active`.

    Two cards can be compared when both were evaluated on the same rows. A card may also bring the other
    version's figures on its own rows, under "beside" by name.
    """
    if active is None:
        return Comparison(version.name, None, "No version serves yet.")
    after = _evaluation(version.card)
    before = version.card.get("beside", {}).get(active.name) or _evaluation(active.card)
    why_not = _why_not(version, active, before, after)
    if why_not:
        return Comparison(version.name, active.name, why_not)
    return Comparison(
        version.name,
        active.name,
        accuracy=Change("accuracy", after["n"], before["accuracy"], after["accuracy"], ACCURACY_POINTS),
        recalls=tuple(_recall_change(index, before, after) for index in range(len(EMOTIONS))),
    )


def _recall_change(index: int, before: Mapping[str, Any], after: Mapping[str, Any]) -> Change:
    emotion = str(EMOTIONS[index])
    n = sum(after["confusion"][index])
    allowed = SMALL_CLASS_POINTS if n < SMALL_CLASS else RECALL_POINTS
    return Change(emotion, n, before["recall"][emotion], after["recall"][emotion], allowed)


def _why_not(
    version: ModelVersion, active: ModelVersion, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> str:
    for name, evaluation in ((version.name, after), (active.name, before)):
        if not evaluation:
            return f"{name} cannot be compared: its card has no figures on {SPLIT}."
    both = f"{version.name} and {active.name} cannot be compared"
    if active.name in version.card.get("beside", {}):
        return ""
    if before["n"] != after["n"]:
        return f"{both}: {version.name} was evaluated on {after['n']:,} {SPLIT} rows, {active.name} on {before['n']:,}."
    if _data(version.card) is None or _data(version.card) != _data(active.card):
        return f"{both}: their {SPLIT} rows come from different data files."
    return ""


def _evaluation(card: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return card.get("evaluation", {}).get(SPLIT)


def _data(card: Mapping[str, Any]) -> str | None:
    return card.get("trained", {}).get("data", {}).get("sha256")
