"""Crops detected faces as FER-2013 frames them.

The constants were fitted on FER-2013's training split; see docs/framing.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from analysis.recognition.faces import Box, Detection, Image

SIDE = 48
"""Pixels along each side of a crop."""

_MAX_SAMPLES = 8
"""Samples along each side of a crop's pixel at most; more make no visible difference."""


@dataclass(frozen=True)
class Frame:
    """Maps a detector's boxes to FER-2013's frame: `scale` is frame side over box side.

    `right` and `down` are the offset of the frame's centre from the box's, in box sides along the face's axes; `turn`
    is the share of the eye line's tilt that the crop removes.
    """

    scale: float
    right: float
    down: float
    turn: float


CENTERFACE = Frame(scale=1.121, right=-0.005, down=-0.018, turn=1.0)
YUNET = Frame(scale=1.087, right=-0.002, down=-0.014, turn=1.0)
_FRAMES = {"centerface": CENTERFACE, "yunet": YUNET}


@dataclass(frozen=True)
class _Square:
    """A rotated square in an image: its centre and side in pixels, its angle in radians, clockwise."""

    x: float
    y: float
    side: float
    angle: float


def crop(image: Image, detections: Sequence[Detection], frame: Frame = CENTERFACE) -> npt.NDArray[np.uint8]:
    """Crop faces from an upright RGB image: uint8 (N, 48, 48), grey, in the detections' order.

    Outside the image the edge's pixels are repeated.
    """
    crops = np.empty((len(detections), SIDE, SIDE), np.uint8)
    for index, detection in enumerate(detections):
        crops[index] = _crop_one(image, _square(detection, frame))
    return crops


def frame_of_box(box: Box, frame: Frame = CENTERFACE) -> Box:
    """Return the square that `crop` takes of an upright face; of a tilted one, it is turned about the same centre."""
    size = (box.width + box.height) / 2
    x, y = box.centre
    side = frame.scale * size
    return Box(x + frame.right * size - side / 2, y + frame.down * size - side / 2, side, side)


def frame_by_detector(name: str) -> Frame:
    """Return the frame of a detector's boxes, the default detector's for one that is gone."""
    return _FRAMES.get(name, CENTERFACE)


def box_centre(detection: Detection) -> tuple[float, float]:
    """Return (x, y) in pixels."""
    box = detection.box
    return box.x + box.width / 2, box.y + box.height / 2


def box_side(detection: Detection) -> float:
    """Return the mean of the box's width and height, in pixels."""
    return (detection.box.width + detection.box.height) / 2


def tilt(detection: Detection) -> float:
    """Return the eye line's angle in radians, positive if the image's right eye is the lower one."""
    (x1, y1), (x2, y2) = detection.left_eye, detection.right_eye
    return math.atan2(y2 - y1, x2 - x1)


def frame_side(detection: Detection, frame: Frame) -> float:
    """Return the side, in pixels, of the square that is cropped."""
    return frame.scale * box_side(detection)


def _square(detection: Detection, frame: Frame) -> _Square:
    x, y = box_centre(detection)
    size = box_side(detection)
    angle = frame.turn * tilt(detection)
    cosine, sine = math.cos(angle), math.sin(angle)
    return _Square(
        x=x + size * (frame.right * cosine - frame.down * sine),
        y=y + size * (frame.right * sine + frame.down * cosine),
        side=frame_side(detection, frame),
        angle=angle,
    )


def _crop_one(image: Image, square: _Square) -> npt.NDArray[np.uint8]:
    """Crop by area, each pixel the mean of what it covers, as in FER-2013; point sampling would alias."""
    samples = int(np.clip(np.ceil(square.side / SIDE), 1, _MAX_SAMPLES))
    count = SIDE * samples
    right = square.side / count * np.array([math.cos(square.angle), math.sin(square.angle)])
    down = np.array([-right[1], right[0]])
    # OpenCV accepts no source wider than 32,767 pixels, so only the covered part is passed.
    reach = float(np.abs(right + down).max() + np.abs(right - down).max()) * count / 2
    columns, rows = _covered(square.x, reach, image.shape[1]), _covered(square.y, reach, image.shape[0])
    # A pixel's coordinates are those of its centre.
    first = np.array([square.x - 0.5 - columns.start, square.y - 0.5 - rows.start]) - (right + down) * (count - 1) / 2
    fine = cv2.warpAffine(
        cv2.cvtColor(image[rows, columns], cv2.COLOR_RGB2GRAY),
        np.stack([right, down, first], axis=1),
        (count, count),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(cv2.resize(fine, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def _covered(centre: float, reach: float, length: int) -> slice:
    """Return the pixels of an image's axis within `reach` of `centre`, plus two on either side, at least one."""
    first = int(np.clip(np.floor(centre - reach) - 2, 0, length - 1))
    last = int(np.clip(np.ceil(centre + reach) + 2, first + 1, length))
    return slice(first, last)
