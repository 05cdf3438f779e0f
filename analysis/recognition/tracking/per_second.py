"""Each face's mean probabilities over each second of a session."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.recognition.tracking.tracker import TrackedFace


@dataclass(frozen=True)
class FaceSecond:
    """One face in one second, counted from the session's start.

    `frames` counts the frames that show it; `probabilities` is the mean of their unsmoothed probabilities: seven
    floats in the order of `EMOTIONS`, summing to one. `score` is the mean of the detector's, 0 to 1.
    """

    second: int
    face: int
    frames: int
    probabilities: tuple[float, ...]
    score: float


class SecondsAggregator:
    """Aggregates the frames of one session by second; a second without a face yields nothing. Not thread-safe."""

    def __init__(self) -> None:
        self._second = 0
        self._shown: dict[int, list[TrackedFace]] = {}

    def add(self, at: float, faces: Sequence[TrackedFace]) -> list[FaceSecond]:
        """Add a frame taken `at` seconds after the session's start; return the second that it completes.

        No second is returned twice: a frame from before the current second is added to the current one.
        """
        if not math.isfinite(at):
            raise ValueError(f"at: expected a finite number of seconds; got {at!r}")
        complete = self.flush() if at >= self._second + 1 else []
        self._second = max(self._second, math.floor(at))
        for face in faces:
            self._shown.setdefault(face.id, []).append(face)
        return complete

    def flush(self) -> list[FaceSecond]:
        """Return the current second's faces by ascending id, as if it were complete, and begin the next second."""
        done = [
            FaceSecond(
                second=self._second,
                face=face,
                frames=len(shown),
                probabilities=tuple(np.mean([each.raw for each in shown], axis=0).tolist()),
                score=float(np.mean([each.score for each in shown])),
            )
            for face, shown in sorted(self._shown.items())
        ]
        self._shown.clear()
        if done:
            self._second += 1
        return done
