"""Which way up a face is: told by its landmarks, or by looking at it in four turns."""

from __future__ import annotations

import math

import numpy as np

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
    level, lean = math.atan2(along[1], along[0]), _lean(points)
    return abs(lean) <= _MAX_LEAN and abs(math.remainder(level - lean, math.tau)) <= _MAX_GAP


def is_same_way_up(one: Floats, other: Floats) -> bool:
    """Return whether two finds of a face lean within 60 degrees of each other."""
    return abs(math.remainder(_lean(one) - _lean(other), math.tau)) <= math.radians(60)


def _lean(points: Floats) -> float:
    """Return the angle from the picture's down to the face's, from the eyes to the mouth; radians, clockwise."""
    right, down = points[5:].sum(axis=0) - points[2:4].sum(axis=0)
    return math.atan2(-right, down)


def turned_back(finds: Floats, side: float, turns: int) -> Floats:
    """Return finds of `np.rot90(square, turns)` in the pixels of the square, which has `side` pixels.

    `finds` are float32 (N, 7, 2); of the two corners the first stays the one nearest the origin.
    """
    for _ in range(turns % 4):
        finds = np.stack([side - finds[..., 1], finds[..., 0]], axis=-1)
    corners = np.sort(finds[:, :2], axis=1)
    return np.concatenate([corners, finds[:, 2:]], axis=1)
