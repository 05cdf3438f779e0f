"""Faces that every version is asked about before it may serve.

Rear Admiral Grace Hopper, serious, and the astronaut Eileen Collins, smiling: portraits in the public domain
(US Navy, NASA), detected and framed by this program.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

SIDE = 48
TOLERANCE = 0.05
"""How far a probability may be from the one recorded: LiteRT rounds differently on different processors."""

_PICTURE = Path(__file__).with_name("golden_faces.png")


def golden_faces() -> npt.NDArray[np.uint8]:
    """Return the faces, grey uint8 (2, 48, 48)."""
    strip = cv2.imread(str(_PICTURE), cv2.IMREAD_GRAYSCALE)
    if strip is None:
        raise FileNotFoundError(_PICTURE)
    return np.stack(np.split(np.asarray(strip, np.uint8), strip.shape[1] // SIDE, axis=1))
