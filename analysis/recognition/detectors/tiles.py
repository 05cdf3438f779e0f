"""Scales and tiles at which to detect faces: the whole image and, for small faces in a large photo, parts of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_LEVELS = ((1600, 0.32), (640, 0.6))
"""(Minimum pixels of a photo's longer side, a tile's share of that side), finest first."""
_OVERLAP = 0.32
"""Minimum share of a tile that its neighbour covers too, so that a smaller face is whole in one of them."""
_MIN_SHARE = 0.15
"""A panorama's tiles are as high as the image, but no smaller than this share of its longer side."""
_MIN_TILE_SCORE = 0.6
"""Minimum score in a tile; many tiles mean more false detections."""


@dataclass(frozen=True)
class Tile:
    """A part of an image of `width` x `height` pixels."""

    left: int
    top: int
    right: int
    bottom: int
    width: int
    height: int

    def holds(self, near: npt.NDArray[np.float32], far: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
        """Return which boxes, corners (N, 2) each, no inner edge cuts; a neighbour contains the others."""
        left, top = self.left or -np.inf, self.top or -np.inf
        right = self.right if self.right < self.width else np.inf
        bottom = self.bottom if self.bottom < self.height else np.inf
        return np.asarray((near > (left, top)).all(axis=1) & (far < (right, bottom)).all(axis=1))


@dataclass(frozen=True)
class Level:
    """The image scaled to `width` x `height`, and its tiles."""

    scale: float
    width: int
    height: int
    min_score: float
    tiles: tuple[Tile, ...]


def levels(width: int, height: int, view: int) -> list[Level]:
    """Return the levels of an image, finest first, the whole last; a tile has at most `view` pixels along a side.

    30 tiles at most, whatever the image's size.
    """
    longer, shorter = max(width, height), min(width, height)
    fine = [
        _level(width, height, view, view / min(longer * share, max(shorter, longer * _MIN_SHARE)), _MIN_TILE_SCORE)
        for threshold, share in _LEVELS
        if longer > threshold
    ]
    return [*fine, _level(width, height, view, view / longer, 0.0)]


def _level(width: int, height: int, view: int, scale: float, min_score: float) -> Level:
    width, height = max(1, round(width * scale)), max(1, round(height * scale))
    tiles = tuple(
        Tile(left, top, min(left + view, width), min(top + view, height), width, height)
        for top in _starts(height, view)
        for left in _starts(width, view)
    )
    return Level(scale, width, height, min_score, tiles)


def _starts(length: int, side: int) -> list[int]:
    if length <= side:
        return [0]
    count = math.ceil((length - side) / (side * (1 - _OVERLAP))) + 1
    return [round(start) for start in np.linspace(0, length - side, count)]
