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


def make_detection(near: Floats, far: Floats, points: Floats, score: float, image: Image) -> Detection | None:
    """Return a detection, or None if no pixel of its box is inside `image`.

    `near` and `far` are the box's corners, (2,); `points` is (3, 2): the eyes, the nose. The box of a face at the
    image's edge is not clipped, because framing needs its true centre.
    """
    height, width = image.shape[:2]
    (x1, y1), (x2, y2) = near.tolist(), far.tolist()
    if min(x2, width) - max(x1, 0) < 1 or min(y2, height) - max(y1, 0) < 1:
        return None
    *eyes, nose = ((float(x), float(y)) for x, y in points)
    left_eye, right_eye = sorted(eyes)
    return Detection(Box(x1, y1, x2 - x1, y2 - y1), score, left_eye, right_eye, nose)
