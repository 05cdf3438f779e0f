"""Choices, columns and API schema of the seven emotions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from analysis.recognition.emotions import EMOTIONS

EMOTION_CHOICES = [(str(emotion), emotion.capitalize()) for emotion in EMOTIONS]

# Columns rather than JSON: sums and means over a million faces are computed in the database.
PROBABILITY_FIELDS = [f"p_{emotion}" for emotion in EMOTIONS]

PROBABILITIES_SCHEMA = {
    "type": "object",
    "description": "The probability of each expression; they sum to 1.",
    "required": [str(emotion) for emotion in EMOTIONS],
    "properties": {str(emotion): {"type": "number", "minimum": 0, "maximum": 1} for emotion in EMOTIONS},
    "additionalProperties": False,
}


def by_emotion(values: Iterable[Any]) -> dict[str, Any]:
    """Return seven values, in the order of `EMOTIONS`, by the emotions' names."""
    return dict(zip(map(str, EMOTIONS), values, strict=True))
