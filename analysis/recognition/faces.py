"""What recognition says about a picture; plain values that every other part passes on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.recognition.emotions import EMOTIONS, Emotion
from analysis.recognition.quality import Doubt, is_close

Image = npt.NDArray[np.uint8]
"""Upright RGB, uint8 (H, W, 3)."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the upright picture; x and y are its top left corner."""

    x: float
    y: float
    width: float
    height: float

    def scaled(self, factor: float) -> Box:
        """Return this rectangle in a picture that is `factor` times as large."""
        return Box(self.x * factor, self.y * factor, self.width * factor, self.height * factor)

    def overlap(self, other: Box) -> float:
        """Return intersection over union, 0 to 1."""
        width = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        height = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        shared = max(width, 0.0) * max(height, 0.0)
        return shared / (self.width * self.height + other.width * other.height - shared)


@dataclass(frozen=True)
class Detection:
    """One face a detector found: where, how surely (`score`, 0 to 1), its eyes and the tip of its nose, in pixels.

    `left_eye` is the one on the picture's left. The points serve to frame the face and are then forgotten.
    """

    box: Box
    score: float
    left_eye: tuple[float, float]
    right_eye: tuple[float, float]
    nose: tuple[float, float]


@dataclass(frozen=True)
class Face:
    """One face and its apparent expression.

    `probabilities` are seven floats in the order of `EMOTIONS`, calibrated, summing to one. `picture_doubts` are
    what is wrong with how the picture shows it.
    """

    box: Box
    score: float
    probabilities: tuple[float, ...]
    picture_doubts: tuple[Doubt, ...] = ()

    @property
    def emotion(self) -> Emotion:
        """The likeliest expression."""
        return EMOTIONS[int(np.argmax(self.probabilities))]

    @property
    def confidence(self) -> float:
        """The likeliest expression's probability, 0 to 1."""
        return max(self.probabilities)

    @property
    def margin(self) -> float:
        """How far the likeliest expression lies ahead of the runner-up, 0 to 1."""
        first, second = sorted(self.probabilities, reverse=True)[:2]
        return first - second

    @property
    def runner_up(self) -> Emotion:
        """The second likeliest expression; of two that are as likely as each other the second in the order."""
        return EMOTIONS[int(np.argsort(-np.array(self.probabilities), kind="stable")[1])]

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Why the answer should be read as a guess; empty where it need not be."""
        close = (Doubt.CLOSE,) if is_close(self.confidence, self.margin) else ()
        return close + self.picture_doubts

    @property
    def is_uncertain(self) -> bool:
        """Whether the answer should be read as a guess."""
        return bool(self.doubts)


@dataclass(frozen=True)
class Milliseconds:
    """Time spent in each stage."""

    decode: float
    detect: float
    classify: float


@dataclass(frozen=True)
class Recognition:
    """The whole answer for one picture; `faces` from left to right, `model` the version that classified."""

    width: int
    height: int
    model: str
    faces: tuple[Face, ...]
    milliseconds: Milliseconds
