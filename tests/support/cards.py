"""Model versions' cards, as large as a test needs them."""

from __future__ import annotations

from typing import Any

from analysis.recognition.bundle import FILES
from analysis.recognition.emotions import EMOTIONS
from analysis.versions.models import ModelVersion

ROWS = 200
"""Of each class."""


def make_evaluation(recall: float = 0.6, **recalls: float) -> dict[str, Any]:
    """The same recall of every class but those named; whoever is not recognized is taken for the next class."""
    shares = {str(emotion): recalls.get(str(emotion), recall) for emotion in EMOTIONS}
    confusion = []
    for index, share in enumerate(shares.values()):
        counts = [0] * len(EMOTIONS)
        counts[index] = round(share * ROWS)
        counts[(index + 1) % len(EMOTIONS)] = ROWS - counts[index]
        confusion.append(counts)
    accuracy = sum(row[index] for index, row in enumerate(confusion)) / (ROWS * len(EMOTIONS))
    bins = [{"lower": 0.4, "upper": 0.6, "n": 700, "confidence": 0.5, "accuracy": 0.55}]
    return {
        "n": ROWS * len(EMOTIONS),
        "accuracy": accuracy,
        "macro_f1": accuracy,
        "recall": shares,
        "confusion": confusion,
        "ece": 0.05,
        "reliability": bins,
    }


def make_card(recall: float = 0.6, *, data: str = "a" * 64, **recalls: float) -> dict[str, Any]:
    """A card of a version trained for one epoch on the data file of that SHA-256."""
    history = [{"loss": 1.5, "accuracy": 0.4, "val_loss": 1.6, "val_accuracy": 0.3}]
    return {
        "architecture": "mlp",
        "temperature": 1.25,
        "trained": {"data": {"name": "fer2013.csv", "sha256": data, "rows": {"Training": 70}}, "history": history},
        "evaluation": {"PublicTest": make_evaluation(recall, **recalls)},
        "limits": ["It errs."],
    }


def make_version(name: str, card: dict[str, Any] | None = None, **values: Any) -> ModelVersion:
    """A version trained here whose files nobody looks at."""
    pins = dict.fromkeys(FILES, "0" * 64)
    return ModelVersion.objects.create(
        **{"name": name, "origin": ModelVersion.Origin.TRAINED, "pins": pins, "card": card or make_card(), **values}
    )
