"""Where to look in a picture: at the whole, and, in a large photo, at overlapping squares too, for small faces."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_LEVELS = ((1600, 0.32), (640, 0.6))
"""(Pixels a photo's longer side must exceed, a tile's share of that side), finest first."""

_OVERLAP = 0.32
"""Share of a tile that its neighbour shows too at least: a face up to that size is whole in one of them."""

_NARROWEST = 0.15
"""A panorama's tiles are as high as the picture, but no smaller than this share of its longer side."""

_TILE_SCORE = 0.6
"""More looks mean more chances to see a face where none is."""


@dataclass(frozen=True)
class Tile:
    """A part of a picture of `width` x `height` pixels."""

    left: int
    top: int
    right: int
    bottom: int
    width: int
    height: int

    def holds(self, near: npt.NDArray[np.float32], far: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
        """Tell which boxes, corners (N, 2) each, no inner edge cuts; another tile shows those it does cut."""
        left, top = self.left or -np.inf, self.top or -np.inf
        right = self.right if self.right < self.width else np.inf
        bottom = self.bottom if self.bottom < self.height else np.inf
        return np.asarray((near > (left, top)).all(axis=1) & (far < (right, bottom)).all(axis=1))


@dataclass(frozen=True)
class Level:
    """The picture shrunk by `scale` to `width` x `height`, and its tiles there."""

    scale: float
    width: int
    height: int
    min_score: float
    tiles: tuple[Tile, ...]


def levels(width: int, height: int, view: int) -> list[Level]:
    """Return the looks at a picture, finest first, the whole last; a tile shows `view` pixels along a side.

    30 tiles at most, whatever the picture's size.
    """
    longer, shorter = max(width, height), min(width, height)
    fine = [
        _level(width, height, view, view / min(longer * share, max(shorter, longer * _NARROWEST)), _TILE_SCORE)
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
