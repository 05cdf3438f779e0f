"""Where to look in a picture: at the whole, and, in a large photo, at overlapping squares, for small faces."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_LEVELS = ((640, 0.6), (1600, 0.32))
"""(Pixels a photo's longer side must exceed, a tile's share of that side)."""

_OVERLAP = 1 / 3
"""Share of a tile that its neighbour shows too: a face up to that size is whole in one of them."""

_NARROWEST = 0.15
"""A panorama's tiles are as high as the picture, but no smaller than this share of its longer side."""

_TILE_SCORE = 0.6
"""More looks mean more chances to see a face where none is."""


@dataclass(frozen=True)
class Tile:
    """A part of a picture in pixels, and whether each of its edges is one of the picture's own."""

    left: int
    top: int
    right: int
    bottom: int
    width: int
    height: int
    min_score: float

    def holds(self, near: npt.NDArray[np.float32], far: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
        """Tell which boxes, corners (N, 2) each, no inner edge cuts; another tile shows those it does cut."""
        left, top = self.left or -np.inf, self.top or -np.inf
        right = self.right if self.right < self.width else np.inf
        bottom = self.bottom if self.bottom < self.height else np.inf
        return np.asarray((near > (left, top)).all(axis=1) & (far < (right, bottom)).all(axis=1))


def tiles(width: int, height: int) -> Iterator[Tile]:
    """Yield the whole picture, then its tiles from large to small; 33 at most, whatever its size."""
    yield Tile(0, 0, width, height, width, height, 0.0)
    longer, shorter = max(width, height), min(width, height)
    for threshold, share in _LEVELS:
        if longer > threshold:
            side = round(min(longer * share, max(shorter, longer * _NARROWEST)))
            for top in _starts(height, side):
                for left in _starts(width, side):
                    right, bottom = min(left + side, width), min(top + side, height)
                    yield Tile(left, top, right, bottom, width, height, _TILE_SCORE)


def _starts(length: int, side: int) -> list[int]:
    if length <= side:
        return [0]
    count = math.ceil((length - side) / (side * (1 - _OVERLAP))) + 1
    return [round(start) for start in np.linspace(0, length - side, count)]
