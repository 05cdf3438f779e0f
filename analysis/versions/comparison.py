"""Comparison of two model versions, of which one may serve, on the same PublicTest rows, from their cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext, gettext_lazy, ngettext

from analysis.recognition.emotions import EMOTIONS
from analysis.versions.models import ModelVersion
from analysis.words import EMOTION_NAMES
from ferproject import numbers

SPLIT = "PublicTest"
MAX_ACCURACY_LOSS = 1.0
MAX_RECALL_LOSS = 5.0
MAX_SMALL_CLASS_RECALL_LOSS = 10.0
"""Percentage points that a version may lose without a reason being asked for."""
SMALL_CLASS_ROWS = 100
"""A class is small with fewer rows than this."""
METRIC_NAMES = {"accuracy": gettext_lazy("accuracy"), "votes": gettext_lazy("votes")}


@dataclass(frozen=True)
class MetricChange:
    """One metric of the active version (`before`) and of another (`after`), 0 to 1, over `n` rows; None without rows.

    Promoting a version that loses more than `allowed` percentage points needs a reason.
    """

    name: str
    n: int
    before: float | None
    after: float | None
    allowed: float

    @property
    def points(self) -> float | None:
        """Percentage points gained, negative where lost."""
        if self.before is None or self.after is None:
            return None
        # Rounded so that exactly one point is not more than one point.
        return round(100 * (self.after - self.before), 6)

    @property
    def gain(self) -> float | None:
        """What was gained, -1 to 1."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def is_regression(self) -> bool:
        return self.points is not None and self.points < -self.allowed

    def __str__(self) -> str:
        text = ngettext(
            "%(metric)s %(before)s to %(after)s (worse by more than %(points)s point)",
            "%(metric)s %(before)s to %(after)s (worse by more than %(points)s points)",
            1 if self.allowed == 1 else 2,
        )
        return text % {
            "metric": self.label,
            "before": numbers.percent(self.before or 0, digits=1),
            "after": numbers.percent(self.after or 0, digits=1),
            "points": numbers.number(self.allowed),
        }

    @property
    def label(self) -> str:
        """The metric's name for people."""
        return str({**EMOTION_NAMES, **METRIC_NAMES}[self.name])


@dataclass(frozen=True)
class VersionComparison:
    """Two versions reading by reading: `accuracy` and `recalls` are of the labels, `votes` of the votes' majority.

    `active` is None where nothing serves yet; `why_not` says why the two cannot be compared, or is empty. `votes` is
    None where neither has that reading; `why_not_votes` says why only one of them can be measured by it.
    """

    version: str
    active: str | None
    why_not: str = ""
    accuracy: MetricChange | None = None
    recalls: tuple[MetricChange, ...] = ()
    votes: MetricChange | None = None
    why_not_votes: str = ""

    @property
    def is_comparable(self) -> bool:
        return self.accuracy is not None

    @property
    def metrics(self) -> tuple[MetricChange, ...]:
        """What was compared: the accuracies and the recall of each class."""
        return tuple(change for change in (self.accuracy, self.votes, *self.recalls) if change is not None)

    @property
    def regressions(self) -> tuple[MetricChange, ...]:
        return tuple(change for change in self.metrics if change.is_regression)

    @property
    def needs_reason(self) -> bool:
        """Whether promoting needs a written reason: the version is worse, or cannot be compared."""
        not_comparable = self.active is not None and not self.is_comparable
        return bool(self.regressions or self.why_not_votes) or not_comparable

    @property
    def explanation(self) -> str:
        """Why a reason is needed, in sentences; "" where none is."""
        sentences = [self.why_not_votes] if self.why_not_votes else []
        if self.regressions:
            worse = "; ".join(map(str, self.regressions))
            text = gettext("%(version)s is worse than %(active)s on the same rows of %(split)s: %(changes)s.")
            values = {"version": self.version, "active": self.active, "split": SPLIT, "changes": worse}
            sentences.append(text % values)
        return " ".join(sentences) or (self.why_not if self.needs_reason else "")


def compare_with_active(*, version: ModelVersion) -> VersionComparison:
    """Compare `version` with the active version."""
    return compare(version, ModelVersion.objects.active())


def compare(version: ModelVersion, active: ModelVersion | None) -> VersionComparison:
    """Compare two versions that were evaluated on the same rows: labels with labels, votes with votes, never a blend.

    A card may also hold the other version's metrics on its own rows, under "beside" and "beside_readings" by name.
    """
    if active is None:
        return VersionComparison(version.name, None, gettext("No version is active yet."))
    after = _of_labels(version.card)
    before = version.card.get("beside", {}).get(active.name) or _of_labels(active.card)
    why_not = _why_not(version, active, before, after)
    if why_not:
        return VersionComparison(version.name, active.name, why_not)
    votes, why_not_votes = _compare_votes(version, active)
    return VersionComparison(
        version.name,
        active.name,
        accuracy=MetricChange("accuracy", after["n"], before["accuracy"], after["accuracy"], MAX_ACCURACY_LOSS),
        recalls=tuple(_recall_change(index, before, after) for index in range(len(EMOTIONS))),
        votes=votes,
        why_not_votes=why_not_votes,
    )


def compare_any(first: ModelVersion, second: ModelVersion) -> VersionComparison:
    """Compare any two versions, `second` taken as if it served; also where only its card has figures of both."""
    comparison = compare(first, second)
    if comparison.is_comparable:
        return comparison
    reverse = compare(second, first)
    if not reverse.is_comparable:
        return comparison
    return replace(
        comparison,
        why_not="",
        accuracy=_swapped(reverse.accuracy),
        recalls=tuple(change for each in reverse.recalls if (change := _swapped(each))),
        votes=_swapped(reverse.votes),
        why_not_votes=reverse.why_not_votes,
    )


def _swapped(change: MetricChange | None) -> MetricChange | None:
    return change and replace(change, before=change.after, after=change.before)


def _compare_votes(version: ModelVersion, active: ModelVersion) -> tuple[MetricChange | None, str]:
    """Compare the votes readings; return why they cannot be compared where that needs a reason."""
    after = _of_votes(version.card)
    before = version.card.get("beside_readings", {}).get(active.name, {}).get("votes") or _of_votes(active.card)
    if before is None:
        return None, ""
    if after is None:
        text = gettext("%(version)s has no reading by votes measured on %(split)s, but %(active)s has one.")
        return None, text % {"version": version.name, "split": SPLIT, "active": active.name}
    if before["n"] != after["n"]:
        text = gettext(
            "The reading by votes was measured on %(after)s rows of %(split)s for %(version)s, "
            "and on %(before)s for %(active)s."
        )
        return None, text % _rows(version, active, before, after)
    return MetricChange("votes", after["n"], before["accuracy"], after["accuracy"], MAX_ACCURACY_LOSS), ""


def _recall_change(index: int, before: Mapping[str, Any], after: Mapping[str, Any]) -> MetricChange:
    emotion = str(EMOTIONS[index])
    n = sum(after["confusion"][index])
    allowed = MAX_SMALL_CLASS_RECALL_LOSS if n < SMALL_CLASS_ROWS else MAX_RECALL_LOSS
    return MetricChange(emotion, n, before["recall"][emotion], after["recall"][emotion], allowed)


def _rows(
    version: ModelVersion, active: ModelVersion, before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, str]:
    return {
        "version": version.name,
        "active": active.name,
        "split": SPLIT,
        "before": numbers.number(before["n"]),
        "after": numbers.number(after["n"]),
    }


def _why_not(
    version: ModelVersion, active: ModelVersion, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> str:
    for name, evaluation in ((version.name, after), (active.name, before)):
        if not evaluation:
            text = gettext("%(version)s cannot be compared: its card has no figures on %(split)s.")
            return text % {"version": name, "split": SPLIT}
    if active.name in version.card.get("beside", {}):
        return ""
    if before["n"] != after["n"]:
        text = gettext(
            "%(version)s and %(active)s cannot be compared: %(version)s was evaluated on %(after)s rows of %(split)s, "
            "%(active)s on %(before)s."
        )
        return text % _rows(version, active, before, after)
    if _data(version.card) is None or _data(version.card) != _data(active.card):
        text = gettext(
            "%(version)s and %(active)s cannot be compared: their rows of %(split)s are from different data files."
        )
        return text % {"version": version.name, "active": active.name, "split": SPLIT}
    return ""


def _of_labels(card: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the metrics of the labels reading, which for a version with one reading are its evaluation."""
    return card.get("readings", {}).get(SPLIT, {}).get("labels") or card.get("evaluation", {}).get(SPLIT)


def _of_votes(card: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return card.get("readings", {}).get(SPLIT, {}).get("votes")


def _data(card: Mapping[str, Any]) -> str | None:
    return card.get("trained", {}).get("data", {}).get("sha256")
