"""The metrics and details in a model version's card, as pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from analysis.recognition.bundle import Bundle
from analysis.recognition.emotions import EMOTIONS
from analysis.versions.readings import describe_reading
from analysis.versions.words import CONDITIONS, DETAILS, LIMITS
from ferproject import numbers

SPLITS = {
    "PrivateTest": _("FER-2013’s private test faces, used once, after training"),
    "PublicTest": _("FER-2013’s public test faces, which guided the training"),
}
"""Splits by preference: the private test faces influenced no choice."""
_ON_PAGE = (
    "architecture",
    "parameters",
    "file",
    "time",
    "data",
    "reading",
    "finished",
    "start_from",
    "teachers",
)
SHADES = 8
"""Steps of shade of a confusion matrix's cells."""


@dataclass(frozen=True)
class ConfusionCell:
    """How many faces of one class were classified as `emotion`, and their share of the class."""

    emotion: str
    count: int
    share: float

    @property
    def shade(self) -> int:
        return round(self.share * SHADES)


@dataclass(frozen=True)
class ClassRow:
    """One row of the confusion matrix: the `n` faces labelled `emotion`."""

    emotion: str
    n: int
    recall: float | None
    cells: tuple[ConfusionCell, ...]


@dataclass(frozen=True)
class Certainty:
    """The share of uncertain predictions, and the accuracy of those and of the rest; None where there are none."""

    uncertain: float
    accuracy_uncertain: float | None
    accuracy_certain: float | None


@dataclass(frozen=True)
class StressResult:
    """The accuracy on the same faces, degraded as `summary` says, and the accuracy lost by that (0 to 1)."""

    summary: str
    accuracy: float
    lost: float


@dataclass(frozen=True)
class SplitFigures:
    """A version's metrics on one split; older cards have no `certainty` and no `stress`."""

    split: str
    description: str
    n: int
    accuracy: float
    macro_f1: float
    ece: float
    classes: tuple[ClassRow, ...]
    reliability: tuple[dict[str, float], ...]
    certainty: Certainty | None
    stress: tuple[StressResult, ...]

    @property
    def weakest(self) -> ClassRow:
        return min((row for row in self.classes if row.recall is not None), key=lambda row: row.recall or 0.0)

    @property
    def strongest(self) -> ClassRow:
        return max(self.classes, key=lambda row: row.recall or 0.0)


@dataclass(frozen=True)
class Readings:
    """Accuracies (0 to 1) of a version's two readings on one split, alone and as blended for serving.

    `votes_share` is the votes' share in the blend. Labels are scored on all faces, votes on the `voted` faces with a
    majority for one of the seven emotions.
    """

    votes_share: float
    voted: int
    labels_alone: float
    votes_alone: float
    served_by_labels: float
    served_by_votes: float


@dataclass(frozen=True)
class ModelCard:
    """What the page about a version shows; `details` are (name, value) pairs.

    `figures` is None without an evaluation, `readings` for a version with one reading. `without_twins` is the accuracy
    on faces without a near-duplicate in the training data, and their number; None where the card has none.
    """

    name: str
    figures: SplitFigures | None
    readings: Readings | None
    without_twins: tuple[float, int] | None
    limits: tuple[str, ...]
    details: tuple[tuple[str, str], ...]


def read_card(bundle: Bundle) -> ModelCard:
    """Return what the page about a version shows."""
    figures = read_best_figures(bundle.card)
    return ModelCard(
        name=bundle.name,
        figures=figures,
        readings=read_readings(bundle.card, figures.split) if figures else None,
        without_twins=_without_twins(bundle.card, figures.split) if figures else None,
        limits=read_limits(bundle.card),
        details=tuple(list_details(bundle)),
    )


def read_limits(card: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a card says a version cannot do."""
    return tuple(str(LIMITS.get(limit, limit)) for limit in card.get("limits", ()))


def read_best_figures(card: dict[str, Any]) -> SplitFigures | None:
    """Return a card's metrics on the first of `SPLITS` that it has, None where it has none."""
    found = (read_figures(card, split) for split in SPLITS)
    return next((figures for figures in found if figures), None)


def read_figures(card: dict[str, Any], split: str) -> SplitFigures | None:
    """Return a card's metrics on one split, None where it has none."""
    evaluation = card.get("evaluation", {}).get(split)
    if not evaluation:
        return None
    rows = zip(EMOTIONS, evaluation["confusion"], strict=True)
    return SplitFigures(
        split=split,
        description=SPLITS[split],
        n=evaluation["n"],
        accuracy=evaluation["accuracy"],
        macro_f1=evaluation["macro_f1"],
        ece=evaluation["ece"],
        classes=tuple(_class_row(emotion, counts, evaluation["recall"][emotion]) for emotion, counts in rows),
        reliability=tuple(evaluation.get("reliability", ())),
        certainty=Certainty(**evaluation["certainty"]) if "certainty" in evaluation else None,
        stress=tuple(
            StressResult(
                str(CONDITIONS.get(name, each["summary"])), each["accuracy"], evaluation["accuracy"] - each["accuracy"]
            )
            for name, each in card.get("stress", {}).get(split, {}).items()
        ),
    )


def read_readings(card: dict[str, Any], split: str) -> Readings | None:
    """Return a card's readings on one split, None where it does not have both."""
    readings = card.get("readings", {}).get(split, {})
    if "votes" not in readings:
        return None
    return Readings(
        votes_share=card["votes_share"],
        voted=readings["votes"]["n"],
        labels_alone=readings["labels"]["accuracy"],
        votes_alone=readings["votes"]["accuracy"],
        served_by_labels=card["evaluation"][split]["accuracy"],
        served_by_votes=readings["served_by_votes"]["accuracy"],
    )


def _without_twins(card: dict[str, Any], split: str) -> tuple[float, int] | None:
    served = card.get("without_twins", {}).get(split, {}).get("served")
    return (served["accuracy"], served["n"]) if served else None


def _class_row(emotion: str, counts: list[int], recall: float | None) -> ClassRow:
    total = sum(counts)
    cells = (
        ConfusionCell(str(other), count, count / total if total else 0.0)
        for other, count in zip(EMOTIONS, counts, strict=True)
    )
    return ClassRow(emotion=str(emotion), n=total, recall=recall, cells=tuple(cells))


def list_details(bundle: Bundle) -> list[tuple[str, str]]:
    """Return the (name, value) pairs that the page about a version shows."""
    details = read_details(bundle.card)
    size = gettext("%(size)s MB") % {"size": numbers.number(bundle.tflite.stat().st_size / 1e6, digits=1)}
    details["file"] = ", ".join(filter(None, [size, bundle.card.get("conversion", {}).get("precision")]))
    return [(str(DETAILS[name]), details[name]) for name in _ON_PAGE if details.get(name)]


def read_details(card: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a card says about a version and its training, by keys of `DETAILS`; a value may be None or empty."""
    trained = card.get("trained", {})
    data, configuration = trained.get("data", {}), trained.get("configuration", {})
    rows = data.get("rows", {}).get("Training")
    return {
        "architecture": card.get("architecture"),
        "parameters": numbers.number(card["parameters"]) if card.get("parameters") else None,
        "data": _trained_on(data.get("name"), rows) if rows else None,
        "votes": data.get("votes"),
        "finished": _date(str(trained.get("finished") or "")),
        "precision": card.get("conversion", {}).get("precision"),
        "reading": describe_reading(card),
        "prior_strength": numbers.number(card["prior_strength"], 1) if card.get("prior_strength") else None,
        "temperature": numbers.number(card["temperature"], 2) if card.get("temperature") else None,
        "time": _time(card["milliseconds_per_face"]) if card.get("milliseconds_per_face") else None,
        "start_from": configuration.get("start_from"),
        "teachers": ", ".join(dict.fromkeys((configuration.get("teachers") or "").split(","))),
    }


def _trained_on(name: str, rows: int) -> str:
    text = ngettext("%(data)s, %(count)s face", "%(data)s, %(count)s faces", rows)
    return text % {"data": name, "count": numbers.number(rows)}


def _date(finished: str) -> str:
    at = parse_datetime(finished)
    return date_format(at, "DATE_FORMAT") if at else ""


def _time(milliseconds: float) -> str:
    return gettext("%(time)s ms") % {"time": numbers.number(milliseconds, digits=1)}
