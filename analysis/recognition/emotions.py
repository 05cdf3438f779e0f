"""The seven classes of FER-2013, in the data set's order, which every array of probabilities has.

Source: Goodfellow et al., "Challenges in Representation Learning: A report on three machine learning
contests" (2013).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any


class Emotion(StrEnum):
    """One apparent expression; the value is what files, the database and the API hold."""

    ANGRY = "angry"
    DISGUST = "disgust"
    FEAR = "fear"
    HAPPY = "happy"
    SAD = "sad"
    SURPRISE = "surprise"
    NEUTRAL = "neutral"


EMOTIONS: tuple[Emotion, ...] = tuple(Emotion)
"""Index i is FER-2013's label i."""

COLOURS: dict[Emotion, str] = {
    Emotion.ANGRY: "#D55E00",
    Emotion.DISGUST: "#059C72",
    Emotion.FEAR: "#C06E9C",
    Emotion.HAPPY: "#B87F09",
    Emotion.SAD: "#0072B2",
    Emotion.SURPRISE: "#2F91C5",
    Emotion.NEUTRAL: "#7F7F7F",
}
"""Okabe and Ito's hues (2008), told apart by colour-blind people too, in the light theme's lightness."""


def by_emotion(values: Iterable[Any]) -> dict[str, Any]:
    """Return seven values, in the order of `EMOTIONS`, by the emotions' names."""
    return dict(zip(map(str, EMOTIONS), values, strict=True))
