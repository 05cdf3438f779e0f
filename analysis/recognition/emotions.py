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
    Emotion.DISGUST: "#009E73",
    Emotion.FEAR: "#CC79A7",
    Emotion.HAPPY: "#E69F00",
    Emotion.SAD: "#0072B2",
    Emotion.SURPRISE: "#56B4E9",
    Emotion.NEUTRAL: "#7F7F7F",
}
"""Okabe and Ito's palette (2008), told apart by colour-blind people too."""


def by_emotion(values: Iterable[Any]) -> dict[str, Any]:
    """Return seven values, in the order of `EMOTIONS`, by the emotions' names."""
    return dict(zip(map(str, EMOTIONS), values, strict=True))
