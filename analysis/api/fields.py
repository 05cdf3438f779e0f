"""Schema and value of probabilities by emotion, shared by several serializers."""

from __future__ import annotations

from typing import Any

from analysis.recognition.emotions import EMOTIONS

PROBABILITIES = {
    "type": "object",
    "description": "What each expression's probability is; together they are 1.",
    "required": [str(emotion) for emotion in EMOTIONS],
    "properties": {str(emotion): {"type": "number", "minimum": 0, "maximum": 1} for emotion in EMOTIONS},
    "additionalProperties": False,
}


def by_emotion(values: Any) -> dict[str, float]:
    """Return seven values in the order of `EMOTIONS` by their names."""
    return dict(zip(map(str, EMOTIONS), values, strict=True))
