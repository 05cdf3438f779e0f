"""A model version's card as the page about it shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analysis.recognition.bundle import Bundle
from analysis.recognition.emotions import EMOTIONS

SPLITS = {
    "PrivateTest": "FER-2013's private test faces, looked at once, after training",
    "PublicTest": "FER-2013's public test faces, which guided the training",
}
"""The first one a card has is shown: only the private test faces had no say in any choice."""
SHADES = 8


@dataclass(frozen=True)
class Cell:
    """How many faces of one class were taken for another, and their share of the class in steps of shade."""

    emotion: str
    count: int
    share: float

    @property
    def shade(self) -> int:
        return round(self.share * SHADES)


@dataclass(frozen=True)
class ClassRow:
    """One class: its faces, how many of them were recognized, and what they were taken for."""

    emotion: str
    n: int
    recall: float | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Certainty:
    """The share of answers called uncertain, and how often those and the rest are right; None where there is none."""

    uncertain: float
    accuracy_uncertain: float | None
    accuracy_certain: float | None


@dataclass(frozen=True)
class Condition:
    """The same faces, worse: in what way, how many are still named rightly, and the share lost by that."""

    summary: str
    accuracy: float
    lost: float


@dataclass(frozen=True)
class Figures:
    """How well a version did on one split; older cards have no `certainty` and no `stress`."""

    split: str
    description: str
    n: int
    accuracy: float
    macro_f1: float
    ece: float
    classes: tuple[ClassRow, ...]
    reliability: tuple[dict[str, float], ...]
    certainty: Certainty | None
    stress: tuple[Condition, ...]

    @property
    def weakest(self) -> ClassRow:
        return min((row for row in self.classes if row.recall is not None), key=lambda row: row.recall or 0.0)

    @property
    def strongest(self) -> ClassRow:
        return max(self.classes, key=lambda row: row.recall or 0.0)


@dataclass(frozen=True)
class Card:
    """`figures` is None for a version that was never evaluated; `details` are (name, value) for the curious."""

    name: str
    figures: Figures | None
    limits: tuple[str, ...]
    details: tuple[tuple[str, str], ...]


def read_card(bundle: Bundle) -> Card:
    """Return what a version's card says."""
    found = (read_figures(bundle.card, split) for split in SPLITS)
    return Card(
        name=bundle.name,
        figures=next((figures for figures in found if figures), None),
        limits=tuple(bundle.card.get("limits", ())),
        details=tuple(_details(bundle)),
    )


def read_figures(card: dict[str, Any], split: str) -> Figures | None:
    """Return what a card says about one split; None where it says nothing."""
    evaluation = card.get("evaluation", {}).get(split)
    if not evaluation:
        return None
    rows = zip(EMOTIONS, evaluation["confusion"], strict=True)
    return Figures(
        split=split,
        description=SPLITS[split],
        n=evaluation["n"],
        accuracy=evaluation["accuracy"],
        macro_f1=evaluation["macro_f1"],
        ece=evaluation["ece"],
        classes=tuple(_class_row(emotion, counts, evaluation["recall"][emotion]) for emotion, counts in rows),
        reliability=tuple(evaluation.get("reliability", ())),
        certainty=Certainty(**evaluation["certainty"]) if "certainty" in evaluation else None,
        stress=_stress(card, split, evaluation["accuracy"]),
    )


def _stress(card: dict[str, Any], split: str, plain: float) -> tuple[Condition, ...]:
    conditions = card.get("stress", {}).get(split, {}).values()
    return tuple(Condition(each["summary"], each["accuracy"], plain - each["accuracy"]) for each in conditions)


def _class_row(emotion: str, counts: list[int], recall: float | None) -> ClassRow:
    total = sum(counts)
    cells = (
        Cell(str(other), count, count / total if total else 0.0) for other, count in zip(EMOTIONS, counts, strict=True)
    )
    return ClassRow(emotion=str(emotion), n=total, recall=recall, cells=tuple(cells))


def _details(bundle: Bundle) -> list[tuple[str, str]]:
    card = bundle.card
    trained = card.get("trained", {})
    data = trained.get("data", {})
    rows = data.get("rows", {}).get("Training")
    precision = card.get("conversion", {}).get("precision", "of unknown precision")
    found = {
        "Architecture": card.get("architecture"),
        "Parameters": f"{card['parameters']:,}" if card.get("parameters") else None,
        "Serving file": f"{bundle.tflite.stat().st_size / 1e6:.1f} MB, {precision}",
        "Time for one face": f"{card['milliseconds_per_face']:.1f} ms" if card.get("milliseconds_per_face") else None,
        "Trained on": f"{data.get('name')}, {rows:,} faces" if rows else None,
        "Trained until": str(trained.get("finished", ""))[:10] or None,
        "Began with the weights of": trained.get("configuration", {}).get("start_from"),
        "Learnt from the answers of": _taught_by(trained.get("configuration", {}).get("teachers")),
    }
    return [(name, value) for name, value in found.items() if value]


def _taught_by(teachers: str | None) -> str:
    return ", ".join(dict.fromkeys((teachers or "").split(",")))
