"""What a session keeps: each face's mean over each second."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.recognition.tracking.tracker import TrackedFace


@dataclass(frozen=True)
class FaceSecond:
    """One face in one second, counted from the session's start.

    `frames` is in how many of the second's frames it was seen, `probabilities` the mean of their unsmoothed
    probabilities: seven floats in the order of `EMOTIONS`, summing to one.
    """

    second: int
    face: int
    frames: int
    probabilities: tuple[float, ...]


class SecondsAggregator:
    """Gathers the frames of one session into seconds; a second without a face yields nothing. Not thread-safe."""

    def __init__(self) -> None:
        self._second = 0
        self._raw: dict[int, list[tuple[float, ...]]] = {}

    def add(self, at: float, faces: Sequence[TrackedFace]) -> list[FaceSecond]:
        """Count a frame taken `at` seconds after the session's start; return the second that is now complete.

        No second is returned twice: a frame from before the one being gathered counts in that one.
        """
        if not math.isfinite(at):
            raise ValueError(f"at: expected a finite number of seconds; got {at!r}")
        complete = self.flush() if at >= self._second + 1 else []
        self._second = max(self._second, math.floor(at))
        for face in faces:
            self._raw.setdefault(face.id, []).append(face.raw)
        return complete

    def flush(self) -> list[FaceSecond]:
        """Return what is gathered so far, by ascending id, as of a complete second; the next frame begins another."""
        done = [
            FaceSecond(self._second, face, len(raw), _mean(np.array(raw))) for face, raw in sorted(self._raw.items())
        ]
        self._raw.clear()
        if done:
            self._second += 1
        return done


def _mean(raw: npt.NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(raw.mean(axis=0).tolist())
