"""From a detection to the crop that the network was trained on: a face framed as FER-2013 frames it.

The constants were fitted on FER-2013's training split; docs/framing.md says how, and what each choice costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from analysis.recognition.faces import Detection, Image

SIDE = 48
"""Pixels along each side of a crop."""

_MOST_SAMPLES = 8
"""Samples along each side of a crop's pixel at most: beyond, a sharper average cannot be seen."""


@dataclass(frozen=True)
class Frame:
    """How a detector's boxes relate to FER-2013's frame: `scale` is frame side over box side.

    `right` and `down` lead from the box's centre to the frame's, in box sides.
    """

    scale: float
    right: float
    down: float


BLAZEFACE = Frame(scale=1.185, right=0.0, down=-0.108)
YUNET = Frame(scale=1.087, right=0.0, down=-0.012)


def crop(image: Image, detections: Sequence[Detection], frame: Frame = BLAZEFACE) -> npt.NDArray[np.uint8]:
    """Cut faces out of an upright RGB picture: uint8 (N, 48, 48), grey, in the detections' order.

    What lies outside the picture repeats its edge.
    """
    crops = np.empty((len(detections), SIDE, SIDE), np.uint8)
    for index, detection in enumerate(detections):
        crops[index] = _crop_one(image, *_square(detection, frame))
    return crops


def _square(detection: Detection, frame: Frame) -> tuple[float, float, float]:
    """Return the frame's left, top and side in pixels."""
    box = detection.box
    size = (box.width + box.height) / 2
    side = frame.scale * size
    left = box.x + box.width / 2 + frame.right * size - side / 2
    top = box.y + box.height / 2 + frame.down * size - side / 2
    return left, top, side


def _crop_one(image: Image, left: float, top: float, side: float) -> npt.NDArray[np.uint8]:
    """Each pixel is the mean of the area it covers, as when FER-2013 was shrunk; sampling points alone would alias."""
    samples = int(np.clip(np.ceil(side / SIDE), 1, _MOST_SAMPLES))
    step = side / (SIDE * samples)
    # OpenCV takes no source wider than 32,767 pixels, so it gets only the part that the frame covers.
    columns, rows = _covered(left, side, image.shape[1]), _covered(top, side, image.shape[0])
    # A pixel's coordinates are its centre's, half a pixel from its corner.
    offset = step / 2 - 0.5
    matrix = np.array([[step, 0, left - columns.start + offset], [0, step, top - rows.start + offset]])
    fine = cv2.warpAffine(
        image[rows, columns],
        matrix,
        (SIDE * samples, SIDE * samples),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    grey = cv2.cvtColor(fine, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def _covered(start: float, side: float, length: int) -> slice:
    """Return the pixels of a picture's axis that a frame covers, two more either side, one at least."""
    first = int(np.clip(np.floor(start) - 2, 0, length - 1))
    last = int(np.clip(np.ceil(start + side) + 2, first + 1, length))
    return slice(first, last)
