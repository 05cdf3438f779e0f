"""The values that recognition takes and returns."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from analysis.recognition.emotions import EMOTIONS, Emotion
from analysis.recognition.quality import QualityWarning, is_close

Image = npt.NDArray[np.uint8]
"""Upright RGB, uint8 (H, W, 3)."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the upright image; x and y are its top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    def scaled(self, across: float, down: float | None = None) -> Box:
        """Return this rectangle in an image that is `across` times as wide and `down` (`across`) times as high."""
        down = across if down is None else down
        return Box(self.x * across, self.y * down, self.width * across, self.height * down)

    def overlap(self, other: Box) -> float:
        """Return intersection over union, 0 to 1."""
        width = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        height = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        shared = max(width, 0.0) * max(height, 0.0)
        return shared / (self.width * self.height + other.width * other.height - shared)


@dataclass(frozen=True)
class Detection:
    """One face that a detector found: box, `score` (0 to 1), eyes, tip of the nose, corners of the mouth, in pixels.

    The left eye is the one on the image's left if the face is upright; so is the mouth's left corner. The five points
    are used to frame the face and to judge how it is shown, and are not stored. `is_orientation_sure` is False where
    the face, turned by 90 or 180 degrees, looks like one nearly as much.
    """

    box: Box
    score: float
    left_eye: tuple[float, float]
    right_eye: tuple[float, float]
    nose: tuple[float, float]
    left_mouth: tuple[float, float]
    right_mouth: tuple[float, float]
    is_orientation_sure: bool = field(default=True, kw_only=True)


@dataclass(frozen=True)
class Face:
    """One face and its apparent expression.

    `probabilities` are seven floats in the order of `EMOTIONS`, calibrated, summing to one; `quality_warnings` are the
    reasons in the image to mistrust them. `is_marked` says that a person marked it, and the detector had not found it.
    """

    box: Box
    score: float
    probabilities: tuple[float, ...]
    quality_warnings: tuple[QualityWarning, ...] = ()
    is_marked: bool = False

    @property
    def emotion(self) -> Emotion:
        """The likeliest expression."""
        return EMOTIONS[self.probabilities.index(max(self.probabilities))]

    @property
    def confidence(self) -> float:
        """The probability of `emotion`, 0 to 1."""
        return self.probabilities[EMOTIONS.index(self.emotion)]

    @property
    def margin(self) -> float:
        """The confidence minus the largest other probability."""
        chosen = EMOTIONS.index(self.emotion)
        return self.confidence - max(each for index, each in enumerate(self.probabilities) if index != chosen)

    @property
    def runner_up(self) -> Emotion:
        """The second likeliest expression; of two equally likely ones the second in the order of `EMOTIONS`."""
        return EMOTIONS[int(np.argsort(-np.array(self.probabilities), kind="stable")[1])]

    @property
    def warnings(self) -> tuple[QualityWarning, ...]:
        """Why the expression may be wrong; empty if nothing suggests it."""
        close = (QualityWarning.CLOSE,) if is_close(self.confidence, self.margin) else ()
        return close + self.quality_warnings

    @property
    def is_uncertain(self) -> bool:
        return bool(self.warnings)
