"""Interface of face detectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from analysis.recognition.faces import Box, Detection, Image

if TYPE_CHECKING:
    from analysis.recognition.framing import Frame


Floats = npt.NDArray[np.float32]


class FaceDetector(Protocol):
    """Finds faces; `frame` maps its boxes to FER-2013's frame. Not thread-safe: each thread makes its own."""

    name: str
    frame: Frame

    def detect(self, image: Image) -> list[Detection]:
        """Return the faces of an upright RGB image, uint8 (H, W, 3), by descending score."""
        ...


def make_detection(points: Floats, score: float, image: Image, *, is_orientation_sure: bool = True) -> Detection | None:
    """Return a detection, or None if no pixel of its box is inside `image`.

    `points` is float32 (7, 2), (x, y) each: the box's corners, then the landmarks as `Detection` has them. The box of a
    face at the image's edge is not clipped, because framing needs its true centre.
    """
    height, width = image.shape[:2]
    (x1, y1), (x2, y2), *landmarks = ((float(x), float(y)) for x, y in points)
    if min(x2, width) - max(x1, 0) < 1 or min(y2, height) - max(y1, 0) < 1:
        return None
    return Detection(Box(x1, y1, x2 - x1, y2 - y1), score, *landmarks, is_orientation_sure=is_orientation_sure)
