"""Where CenterFace looks in a picture, and what each look may find; docs/framing.md has what each look is worth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from analysis.recognition.faces import Image

GLANCE_SIDE = 192
"""Longer side of the picture at the first look, which finds faces that fill the picture."""

WHOLE_SIDE = 640
"""Longer side of the picture at the second look at most."""

WHOLE_MIN_SIDE = 256
"""Longer side at the second look at least; a picture below `WHOLE_SIDE` is shown at twice its size at most."""

FRAME_SIDE, COARSE_FRAME_SIDE = 320, 256
"""Longer side of a frame of a sequence at its look; the second shows no face of less than 15 of 480 pixels, and takes
two thirds of the time."""

_DETAIL_FROM = 1280
"""Longer side above which the second look is too coarse for a face of 24 pixels."""

_DETAIL_SCALE = 0.55
"""Brings a face of 24 pixels to 13."""

_DETAIL_SIDE = 1920
"""Longer side of the picture at the third look at most: 12 tiles in a photo of 4:3."""

_TILE_OVERLAP = 96
"""Pixels that neighbouring tiles share: a face up to `_DETAIL_MAX_FACE` and what is round it are whole in one."""

_DETAIL_MAX_FACE = 64.0
"""Box side in pixels of the third look above which a find is left to the second, which sees it whole."""

_GLANCE_MIN_FACE = 32.0
"""Box side in pixels of the first look below which a find is left to the second, which sees it larger."""


@dataclass(frozen=True)
class Tile:
    """A part of a look, in the look's pixels; right and bottom are exclusive."""

    left: int
    right: int
    top: int
    bottom: int


@dataclass(frozen=True)
class Look:
    """The picture at `width` x `height` pixels, searched in `tiles` for faces of `min_face` to `max_face` pixels.

    What one that is not `is_reliable` finds counts only where a closer look finds it again.
    """

    width: int
    height: int
    tiles: tuple[Tile, ...]
    min_face: float = 0.0
    max_face: float = math.inf
    is_reliable: bool = True


def plan_looks(width: int, height: int) -> list[Look]:
    """Return the looks at a picture of that many pixels, the finest first."""
    longer = max(width, height)
    whole = min(max(2 * longer, WHOLE_MIN_SIDE), WHOLE_SIDE)
    looks = [_whole(width, height, whole), _whole(width, height, GLANCE_SIDE, min_face=_GLANCE_MIN_FACE)]
    if longer <= _DETAIL_FROM:
        return looks
    return [_detail(width, height, min(round(longer * _DETAIL_SCALE), _DETAIL_SIDE)), *looks]


def plan_frame_looks(width: int, height: int, *, is_coarse: bool) -> tuple[Look, Look]:
    """Return the look at a frame of that many pixels, and the one where that finds nothing: at a face that fills it."""
    side = COARSE_FRAME_SIDE if is_coarse else FRAME_SIDE
    return _whole(width, height, side), _whole(width, height, GLANCE_SIDE, min_face=_GLANCE_MIN_FACE)


def resize(image: Image, width: int, height: int) -> Image:
    """Shrink without aliasing: halves by area, the rest linearly, a sixth of the time of one step by area."""
    while image.shape[1] >= 2 * width and image.shape[0] >= 2 * height:
        half = image.shape[1] // 2, image.shape[0] // 2
        image = np.asarray(cv2.resize(image, half, interpolation=cv2.INTER_AREA), np.uint8)
    if image.shape[:2] == (height, width):
        return image
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _whole(width: int, height: int, longer: int, min_face: float = 0.0) -> Look:
    width, height = _scaled(width, height, longer)
    return Look(width, height, (Tile(0, width, 0, height),), min_face=min_face)


def _detail(width: int, height: int, longer: int) -> Look:
    width, height = _scaled(width, height, longer)
    tiles = tuple(Tile(*across, *down) for down in _parts(height) for across in _parts(width))
    return Look(width, height, tiles, max_face=_DETAIL_MAX_FACE, is_reliable=False)


def _scaled(width: int, height: int, longer: int) -> tuple[int, int]:
    scale = longer / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _parts(length: int) -> list[tuple[int, int]]:
    """Return the first and last pixel, exclusive, of the fewest equal parts of `WHOLE_SIDE` at most that overlap."""
    count = max(1, math.ceil((length - _TILE_OVERLAP) / (WHOLE_SIDE - _TILE_OVERLAP)))
    side = min(length, math.ceil((length + (count - 1) * _TILE_OVERLAP) / count))
    starts = np.linspace(0, length - side, count).round().astype(int).tolist()
    return [(start, start + side) for start in starts]
