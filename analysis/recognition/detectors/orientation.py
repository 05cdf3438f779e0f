"""Which way up a face is: told by its landmarks, or by looking at it in several turns."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from analysis.recognition.detectors.base import Floats

_MAX_LEAN = math.radians(45)
"""Of 431 portraits turned by 0 to 345 degrees, landmarks named none of those up to it more than 25 degrees wrong."""

_MAX_GAP = math.radians(12)
"""Between the two angles that the landmarks give; upright faces have 2 in the median and 12 at most."""


def is_upright(points: Floats) -> bool:
    """Return whether a find's landmarks agree that the face leans by 45 degrees at most.

    `points` is float32 (7, 2): the box's two corners, the eyes, the nose, the corners of the mouth.
    """
    along = points[3] - points[2]
    level, down = math.atan2(along[1], along[0]), lean(points)
    return abs(down) <= _MAX_LEAN and abs(math.remainder(level - down, math.tau)) <= _MAX_GAP


def is_same_way_up(one: Floats, other: Floats) -> bool:
    """Return whether two finds of a face lean within 60 degrees of each other."""
    return abs(math.remainder(lean(one) - lean(other), math.tau)) <= math.radians(60)


def lean(points: Floats) -> float:
    """Return the angle from the picture's down to the face's, from the eyes to the mouth; radians, clockwise."""
    right, down = points[5:].sum(axis=0) - points[2:4].sum(axis=0)
    return math.atan2(-right, down)


def turning(centre: Floats, side: int, angle: float) -> npt.NDArray[np.float64]:
    """Return the matrix (2, 3) that turns a square picture anticlockwise, for OpenCV.

    The point `centre`, float32 (2,), comes to the middle of the turned picture, which has `side` pixels each way;
    `angle` is in radians.
    """
    x, y = (centre - 0.5).tolist()  # OpenCV's coordinates are those of pixels' middles
    matrix = np.asarray(cv2.getRotationMatrix2D((x, y), math.degrees(angle), 1), np.float64)
    matrix[:, 2] += side / 2 - centre
    return matrix


def turned_back(finds: Floats, matrix: npt.NDArray[np.float64], angle: float) -> Floats:
    """Return finds, float32 (N, 7, 2), of a picture turned by `turning` in the pixels of that before it.

    The box stays one with level sides, as high and wide as it was in the face's own direction.
    """
    points = (finds - 0.5 - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T + 0.5
    centre, half = points[:, :2].mean(axis=1, keepdims=True), (finds[:, 1:2] - finds[:, :1]) / 2
    if round(angle / (math.pi / 2)) % 2:
        half = half[..., ::-1]
    return np.concatenate([centre - half, centre + half, points[:, 2:]], axis=1).astype(np.float32)
