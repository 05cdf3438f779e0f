"""The metrics and details in a model version's card, as pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.recognition.bundle import Bundle
from analysis.recognition.emotions import EMOTIONS
from analysis.versions.readings import describe_reading

SPLITS = {
    "PrivateTest": "FER-2013's private test faces, looked at once, after training",
    "PublicTest": "FER-2013's public test faces, which guided the training",
}
"""Splits by preference: the private test faces influenced no choice."""
_DETAILS = (
    "Architecture",
    "Parameters",
    "Serving file",
    "Time for one face",
    "Trained on",
    "Reading",
    "Trained until",
    "Began with the weights of",
    "Learnt from the answers of",
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
        limits=tuple(bundle.card.get("limits", ())),
        details=tuple(list_details(bundle)),
    )


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
            StressResult(each["summary"], each["accuracy"], evaluation["accuracy"] - each["accuracy"])
            for each in card.get("stress", {}).get(split, {}).values()
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
    precision = bundle.card.get("conversion", {}).get("precision", "of unknown precision")
    details["Serving file"] = f"{bundle.tflite.stat().st_size / 1e6:.1f} MB, {precision}"
    return [(name, details[name]) for name in _DETAILS if details.get(name)]


def read_details(card: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a card says about its version and its training, by label; a value may be None or empty."""
    trained = card.get("trained", {})
    data, configuration = trained.get("data", {}), trained.get("configuration", {})
    rows = data.get("rows", {}).get("Training")
    return {
        "Architecture": card.get("architecture"),
        "Parameters": f"{card['parameters']:,}" if card.get("parameters") else None,
        "Trained on": f"{data.get('name')}, {rows:,} faces" if rows else None,
        "FER+ votes": data.get("votes"),
        "Trained until": str(trained.get("finished") or "")[:10],
        "Serves": card.get("conversion", {}).get("precision"),
        "Reading": describe_reading(card),
        "Class prior subtracted": f"{card['prior_strength']:.1f}" if card.get("prior_strength") else None,
        "Temperature": f"{card['temperature']:.2f}" if card.get("temperature") else None,
        "Time for one face": f"{card['milliseconds_per_face']:.1f} ms" if card.get("milliseconds_per_face") else None,
        "Began with the weights of": configuration.get("start_from"),
        "Learnt from the answers of": ", ".join(dict.fromkeys((configuration.get("teachers") or "").split(","))),
    }
