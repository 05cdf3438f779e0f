"""Quality warnings: two expressions are close, or the image shows the face badly.

Each threshold is where FER-2013's PublicTest faces, degraded step by step, are classified correctly five points less
often than undegraded; docs/uncertainty.md has the steps, and `manage.py measure_doubts` prints them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

CLOSE_CONFIDENCE = 0.5
"""Below it a calibrated answer is wrong as often as it is right."""
CLOSE_MARGIN = 0.15
"""Below it the runner-up is about as likely."""
SMALL_SIDE = 22.0
"""Pixels of the image along the face's frame; the network's input has 48."""
BLURRED_SHARPNESS = 0.15
DARK_MEAN = 26.0
"""Of the crop's grey levels, 0 to 255."""
TURNED_SHARE = 0.3
"""Distance of the nose from the middle between the eyes, as a share of the distance between the eyes."""
BOWED_NOD, RAISED_NOD = 0.65, 0.35
"""Of the nose on the way from the eyes (0) to the mouth (1)."""
CUT_DISTANCE = 0.1
"""Of an eye or a corner of the mouth from the picture's border, in sides of the face's box. Not 0, for the detector
puts the points of a face that is cut off inside the picture."""

Crop = npt.NDArray[np.uint8]
"""The network's input: a grey face, uint8 (48, 48)."""


class QualityWarning(StrEnum):
    """A reason to mistrust an expression; the values appear in the API, the commands' output and the pages."""

    CLOSE = "close"
    SMALL = "small"
    BLURRED = "blurred"
    DARK = "dark"
    TURNED = "turned"
    BOWED = "bowed"
    RAISED = "raised"
    CUT = "cut"


@dataclass(frozen=True)
class Pose:
    """How a face is held: `turn`, `nod` and `border_distance` as the functions of `pose` return them.

    `is_orientation_sure` is False where the face may be the other way up. The defaults are those of a face that is
    held straight.
    """

    turn: float = 0.0
    nod: float = 0.5
    border_distance: float = math.inf
    is_orientation_sure: bool = True


STRAIGHT = Pose()


def is_close(confidence: float, margin: float) -> bool:
    """Return whether the probabilities alone make an answer uncertain; both values 0 to 1."""
    return confidence < CLOSE_CONFIDENCE or margin < CLOSE_MARGIN


def quality_warnings(crop: Crop, *, side: float = math.inf, pose: Pose = STRAIGHT) -> tuple[QualityWarning, ...]:
    """Return the warnings about how the image shows a face; `side` is the frame's, in pixels of the image."""
    is_cut = pose.border_distance < CUT_DISTANCE
    found = {
        QualityWarning.SMALL: side < SMALL_SIDE,
        QualityWarning.BLURRED: sharpness(crop) < BLURRED_SHARPNESS,
        QualityWarning.DARK: float(crop.mean()) < DARK_MEAN,
        QualityWarning.TURNED: abs(pose.turn) > TURNED_SHARE or not pose.is_orientation_sure,
        # Where the mouth or the eyes are outside the picture, their points are not where they should be.
        QualityWarning.BOWED: pose.nod > BOWED_NOD and not is_cut,
        QualityWarning.RAISED: pose.nod < RAISED_NOD and not is_cut,
        QualityWarning.CUT: is_cut,
    }
    return tuple(warning for warning, applies in found.items() if applies)


def sharpness(crop: Crop) -> float:
    """Return the standard deviation of the Laplacian over that of the grey levels, 0 for a uniform crop.

    The variance of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", 2000), divided
    by the contrast so that a pale face does not pass for a blurred one.
    """
    contrast = _deviation(crop)
    return _deviation(cv2.Laplacian(crop, cv2.CV_32F)) / contrast if contrast else 0.0


def _deviation(values: npt.NDArray[Any]) -> float:
    """Return the standard deviation, by OpenCV, which takes a fifth of NumPy's time for a crop."""
    return float(cv2.meanStdDev(values)[1][0, 0])
