"""The golden faces, which the smoke test of every version classifies.

Portraits in the public domain of Rear Admiral Grace Hopper, serious (US Navy), and the astronaut Eileen Collins,
smiling (NASA), detected and framed by this program.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

SIDE = 48
TOLERANCE = 0.05
"""Allowed difference from a recorded probability; LiteRT rounds differently on different processors."""


def golden_faces() -> npt.NDArray[np.uint8]:
    """Return the faces, grey, uint8 (2, 48, 48)."""
    path = Path(__file__).with_name("golden_faces.png")
    strip = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if strip is None:
        raise FileNotFoundError(path)
    return np.stack(np.split(np.asarray(strip, np.uint8), strip.shape[1] // SIDE, axis=1))
