"""Where the faces of a video's last frames will be in the next one, so that it need not be searched for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.recognition.faces import Box, Detection

MOST_SECONDS = 0.045
"""Between two frames: docs/framing.md tells what foresight over longer costs."""
LEAST_OVERLAP = 0.6
"""Of a face's boxes in the last two searched frames; less is a movement that cannot be relied upon, or another face."""
LEAST_SCORE = 0.7
"""Below it the detector may find no face where it found one just now."""


MOST_SHARE = 1.2
"""How far ahead is foreseen, as a share of the time between the last two searched frames."""


@dataclass(frozen=True)
class _Searched:
    at: float
    size: tuple[int, int]
    detections: tuple[Detection, ...]


class Foresight:
    """Foresees every second frame of one video, if its frames follow each other quickly and its faces are clear.

    Not thread-safe. Frames in which nobody was found are always searched, and never are two in a row foreseen: a new
    face is seen a frame late at most, and one that left is gone as soon.
    """

    def __init__(self) -> None:
        self._earlier: _Searched | None = None
        self._last: _Searched | None = None
        self._has_foreseen = False

    def expect(self, at: float, size: tuple[int, int]) -> list[Detection] | None:
        """Return the faces of a frame taken `at` seconds, None where it is to be searched; `size`: width, height."""
        expected = [] if self._has_foreseen else [self._moved(*pair, at) for pair in self._pairs(at, size)]
        self._has_foreseen = bool(expected) and all(_is_inside(found.box, size) for found in expected)
        return expected if self._has_foreseen else None

    def note(self, detections: Sequence[Detection], at: float, size: tuple[int, int]) -> None:
        """Take what the detector found in a frame."""
        self._earlier, self._last = self._last, _Searched(at, size, tuple(detections))
        self._has_foreseen = False

    def _pairs(self, at: float, size: tuple[int, int]) -> list[tuple[Detection, Detection]]:
        """Return each face in the last two searched frames, earlier and later; nothing unless all are sure."""
        before, now = self._earlier, self._last
        if before is None or now is None or not before.size == now.size == size:
            return []
        gap = now.at - before.at
        # Between the two another frame may lie. What trembles between two close ones would shake far ahead.
        if not 0 < gap <= 2 * MOST_SECONDS or not 0 < at - now.at <= min(MOST_SECONDS, MOST_SHARE * gap):
            return []
        pairs = [(_nearest(found, before.detections), found) for found in now.detections if before.detections]
        if not len({earlier for earlier, _ in pairs}) == len(now.detections) == len(before.detections):
            return []
        sure = all(found.score >= LEAST_SCORE and found.box.overlap(old.box) >= LEAST_OVERLAP for old, found in pairs)
        return pairs if sure else []

    def _moved(self, before: Detection, now: Detection, at: float) -> Detection:
        """Return where a face is that moves on as it did between the two."""
        assert self._earlier is not None
        assert self._last is not None
        share = (at - self._last.at) / (self._last.at - self._earlier.at)
        moved = _numbers(now) + share * (_numbers(now) - _numbers(before))
        left_eye, right_eye, nose = ((x, y) for x, y in moved[4:].reshape(3, 2).tolist())
        return Detection(Box(*moved[:4].tolist()), now.score, left_eye, right_eye, nose)


def _nearest(found: Detection, others: Sequence[Detection]) -> Detection:
    return max(others, key=lambda other: found.box.overlap(other.box))


def _numbers(found: Detection) -> npt.NDArray[np.float64]:
    box = found.box
    return np.array([box.x, box.y, box.width, box.height, *found.left_eye, *found.right_eye, *found.nose])


def _is_inside(box: Box, size: tuple[int, int]) -> bool:
    """Tell whether the box's middle lies in the picture and it has a size."""
    x, y = box.x + box.width / 2, box.y + box.height / 2
    return box.width >= 2 and box.height >= 2 and 0 < x < size[0] and 0 < y < size[1]
