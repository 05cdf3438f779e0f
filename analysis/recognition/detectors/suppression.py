"""Non-maximum suppression: of overlapping finds the surest remains for each face."""

from __future__ import annotations

import numpy as np

from analysis.recognition.detectors.base import Floats

_SAME_FACE = 0.3
"""Boxes whose intersection over union exceeds it are one face."""
_PART_OF_FACE = 0.65
"""A box of which a larger share is inside a surer box is dropped: it is part of a face, found in a tile."""


def keep_best(finds: Floats, scores: Floats) -> list[int]:
    """Return the rows of the surest find of each face, surest first.

    `finds` is float32 (N, 2 + P, 2): corner (x, y) nearest the origin, corner farthest from it, then P points;
    `scores` is float32 (N,).
    """
    left = np.argsort(-scores, kind="stable")
    kept = []
    while len(left):
        best = int(left[0])
        kept.append(best)
        union, part = overlaps(finds[best], finds[left])
        same = (union > _SAME_FACE) | (part > _PART_OF_FACE)
        same[0] = True
        left = left[~same]
    return kept


def overlaps(find: Floats, others: Floats) -> tuple[Floats, Floats]:
    """Return, for each of N others, intersection over union and intersection over the smaller, float32 (N,)."""
    near = np.maximum(find[0], others[:, 0])
    far = np.minimum(find[1], others[:, 1])
    shared = np.prod(np.maximum(far - near, 0), axis=1)
    area = np.prod(find[1] - find[0])
    areas = np.prod(others[:, 1] - others[:, 0], axis=1)
    tiny = np.finfo(np.float32).tiny
    return shared / np.maximum(area + areas - shared, tiny), shared / np.maximum(np.minimum(area, areas), tiny)
