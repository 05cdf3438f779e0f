"""Why an answer should be read as a guess: two expressions are close, or the picture shows the face badly.

Each bound is where FER-2013's PublicTest faces, made worse step by step, are named rightly five points less often
than as they are; docs/uncertainty.md has the steps, and `manage.py measure_doubts` prints them.
"""

from __future__ import annotations

from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

CLOSE_CONFIDENCE = 0.5
"""Below it a calibrated answer is wrong as often as it is right."""
CLOSE_MARGIN = 0.15
"""Below it the runner-up is as good an answer."""
SMALL_SIDE = 22.0
"""Pixels of the picture along the face's frame; the network looks at 48."""
BLURRED_SHARPNESS = 0.15
DARK_MEAN = 26.0
"""Of the crop's grey levels, 0 to 255."""
TURNED_SHARE = 0.3
"""How far the nose lies from the middle between the eyes, in distances of the eyes as the picture shows them."""

Crop = npt.NDArray[np.uint8]
"""A grey face as the network sees it, uint8 (48, 48)."""


class Doubt(StrEnum):
    """One reason; the values are what the API, the shell and the pages say."""

    CLOSE = "close"
    SMALL = "small"
    BLURRED = "blurred"
    DARK = "dark"
    TURNED = "turned"


def is_close(confidence: float, margin: float) -> bool:
    """Tell whether probabilities alone make an answer a guess; both values 0 to 1."""
    return confidence < CLOSE_CONFIDENCE or margin < CLOSE_MARGIN


def picture_doubts(crop: Crop, *, side: float = np.inf, turn: float = 0.0) -> tuple[Doubt, ...]:
    """Return what is wrong with how a face is shown.

    `side` is the frame's in pixels of the picture; `turn` the nose's distance from the middle between the eyes, as
    `framing.turn` gives it.
    """
    found = {
        Doubt.SMALL: side < SMALL_SIDE,
        Doubt.BLURRED: sharpness(crop) < BLURRED_SHARPNESS,
        Doubt.DARK: float(crop.mean()) < DARK_MEAN,
        Doubt.TURNED: abs(turn) > TURNED_SHARE,
    }
    return tuple(doubt for doubt, holds in found.items() if holds)


def sharpness(crop: Crop) -> float:
    """Return the standard deviation of the Laplacian over that of the grey levels, 0 where all are the same.

    Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy" (2000), take the variance of the Laplacian;
    divided by the contrast it does not take a pale face for a blurred one.
    """
    grey = crop.astype(np.float32)
    contrast = float(grey.std())
    return float(cv2.Laplacian(grey, cv2.CV_32F).std()) / contrast if contrast else 0.0
