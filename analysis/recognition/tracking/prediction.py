"""Predicts the boxes of faces in a video's next frame from its last frames, to save the detector's run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.recognition.faces import Box, Detection

MAX_SECONDS = 0.045
"""Between two frames; docs/framing.md lists the accuracy lost beyond it."""
MIN_OVERLAP = 0.6
"""Of a face's boxes in the last two detected frames; below it the movement is irregular, or it is another face."""
MIN_SCORE = 0.7
"""Below it the detector may miss a face that it has just found."""
MAX_SHARE = 1.2
"""How far ahead to predict, as a share of the time between the last two detected frames."""


@dataclass(frozen=True)
class _DetectedFrame:
    at: float
    size: tuple[int, int]
    detections: tuple[Detection, ...]


class BoxPredictor:
    """Predicts the faces of at most every second frame of one video. Not thread-safe.

    Frames without faces and frames after a predicted one are always run through the detector, so a face that comes or
    goes is noticed at most one frame late.
    """

    def __init__(self) -> None:
        self._earlier: _DetectedFrame | None = None
        self._last: _DetectedFrame | None = None
        self._has_predicted = False

    def predict(self, at: float, size: tuple[int, int]) -> list[Detection] | None:
        """Return the faces of a frame taken `at` seconds, None if it needs the detector; `size` is (width, height)."""
        predicted = [] if self._has_predicted else [self._moved(*pair, at) for pair in self._pairs(at, size)]
        self._has_predicted = bool(predicted) and all(_is_inside(found.box, size) for found in predicted)
        return predicted if self._has_predicted else None

    def record(self, detections: Sequence[Detection], at: float, size: tuple[int, int]) -> None:
        """Add what the detector found in a frame."""
        self._earlier, self._last = self._last, _DetectedFrame(at, size, tuple(detections))
        self._has_predicted = False

    def _pairs(self, at: float, size: tuple[int, int]) -> list[tuple[Detection, Detection]]:
        """Return each face in the last two detected frames, earlier and later; empty unless all are reliable."""
        before, now = self._earlier, self._last
        if before is None or now is None or not before.size == now.size == size:
            return []
        gap = now.at - before.at
        # A predicted frame may lie between the two. Extrapolation far beyond a short gap would amplify jitter.
        if not 0 < gap <= 2 * MAX_SECONDS or not 0 < at - now.at <= min(MAX_SECONDS, MAX_SHARE * gap):
            return []
        pairs = [(_nearest(new, before.detections), new) for new in now.detections if before.detections]
        if not len({old for old, _ in pairs}) == len(now.detections) == len(before.detections):
            return []
        sure = all(new.score >= MIN_SCORE and new.box.overlap(old.box) >= MIN_OVERLAP for old, new in pairs)
        return pairs if sure else []

    def _moved(self, before: Detection, now: Detection, at: float) -> Detection:
        """Extrapolate a face's movement between two frames to `at`."""
        assert self._earlier is not None
        assert self._last is not None
        share = (at - self._last.at) / (self._last.at - self._earlier.at)
        moved = _coordinates(now) + share * (_coordinates(now) - _coordinates(before))
        left_eye, right_eye, nose = ((x, y) for x, y in moved[4:].reshape(3, 2).tolist())
        return Detection(Box(*moved[:4].tolist()), now.score, left_eye, right_eye, nose)


def _nearest(found: Detection, others: Sequence[Detection]) -> Detection:
    return max(others, key=lambda other: found.box.overlap(other.box))


def _coordinates(found: Detection) -> npt.NDArray[np.float64]:
    box = found.box
    return np.array([box.x, box.y, box.width, box.height, *found.left_eye, *found.right_eye, *found.nose])


def _is_inside(box: Box, size: tuple[int, int]) -> bool:
    """Return whether the box's centre is inside the image and the box is at least 2 pixels wide and high."""
    x, y = box.centre
    return box.width >= 2 and box.height >= 2 and 0 < x < size[0] and 0 < y < size[1]
