"""Pictures for measuring detection and framing: a FER-2013 face enlarged somewhere on an even grey canvas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from analysis.recognition.faces import Detection, Image
from training.learning.data.read import Split

CANVAS = (640, 480)
_GREY = 128


@dataclass(frozen=True)
class Canvas:
    """An RGB picture, uint8 (H, W, 3), with one face whose frame has this corner and side in pixels."""

    image: Image
    left: int
    top: int
    side: int

    def pick(self, detections: Sequence[Detection]) -> Detection | None:
        """Return the surest detection whose centre lies within the face's frame."""
        return max(filter(self._shows_the_face, detections), key=lambda detection: detection.score, default=None)

    def _shows_the_face(self, detection: Detection) -> bool:
        box = detection.box
        right = box.x + box.width / 2 - self.left - self.side / 2
        down = box.y + box.height / 2 - self.top - self.side / 2
        return max(abs(right), abs(down)) < self.side / 2


def canvases(
    split: Split, face_pixels: int, size: tuple[int, int] = CANVAS, *, tilt: float = 0.0, seed: int = 0
) -> Iterator[Canvas]:
    """Yield a canvas of `size` (width, height) for each row, its face `face_pixels` wide and anywhere inside.

    Every other face is turned by `tilt` degrees clockwise about its centre, the others as far back.
    """
    width, height = size
    random = np.random.default_rng(seed)
    for row, face in enumerate(split.images[..., 0]):
        left = int(random.integers(0, width - face_pixels + 1))
        top = int(random.integers(0, height - face_pixels + 1))
        image = np.full((height, width, 3), _GREY, np.uint8)
        large = cv2.resize(face, (face_pixels, face_pixels), interpolation=cv2.INTER_CUBIC)
        image[top : top + face_pixels, left : left + face_pixels] = large[..., np.newaxis]
        canvas = Canvas(image, left, top, face_pixels)
        yield _turned(canvas, tilt if row % 2 else -tilt) if tilt else canvas


def _turned(canvas: Canvas, degrees: float) -> Canvas:
    height, width = canvas.image.shape[:2]
    centre = canvas.left + canvas.side / 2 - 0.5, canvas.top + canvas.side / 2 - 0.5
    matrix = cv2.getRotationMatrix2D(centre, -degrees, 1)  # OpenCV counts anticlockwise
    border = (_GREY, _GREY, _GREY)
    turned = cv2.warpAffine(canvas.image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=border)
    return Canvas(np.asarray(turned, np.uint8), canvas.left, canvas.top, canvas.side)
