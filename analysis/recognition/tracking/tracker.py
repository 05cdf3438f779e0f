"""Tracks faces across frames: a stable id, smoothed probabilities and an emotion that does not flicker."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.recognition.emotions import EMOTIONS, Emotion
from analysis.recognition.faces import Box, Face
from analysis.recognition.tracking.assignment import assign

DEFAULT_SMOOTHING = 0.6
REFERENCE_SECONDS = 0.1
"""`smoothing` is the weight that is left of the past after this time, at any frame rate."""
FORGET_SECONDS = 2.0
"""A face that was missing for longer gets a new id."""
LEAD = 0.1
"""An emotion this much likelier than the shown one replaces it at once..."""
LEAD_SECONDS = 0.5
"""...and one that is likelier by less, after this time."""

_RECENT_SECONDS = 0.5
"""Tracks seen within it are matched first, so that a passer-by does not take the id of a missing face."""
_REACH, _REACH_PER_SECOND, _MAX_REACH = 0.8, 1.0, 1.6
"""Allowed distance from the predicted position, in sides of the box: at once, added per second, at most."""
_MAX_RATIO = 2.0
"""Between the sides of one face's boxes in two frames."""
_VELOCITY_SECONDS = 0.2
"""Time constant over which the velocity is averaged; boxes jitter from frame to frame."""
_COASTING_SECONDS = 0.5
"""Time constant of the deceleration assumed for a face that is not detected."""
_UNPAIRED = 2 + _MAX_REACH + math.log(_MAX_RATIO)
"""Cost of leaving a face unmatched; more than any allowed match."""


@dataclass(frozen=True, kw_only=True)
class TrackedFace(Face):
    """One face in one frame of a session; `id` counts from 1 and stays with the face.

    `raw` are this frame's probabilities, `probabilities` the smoothed ones: seven floats each, in the order of
    `EMOTIONS`, summing to one. `shown` changes later than the likeliest emotion does, so `margin` may be negative.
    """

    id: int
    raw: tuple[float, ...]
    shown: Emotion

    @property
    def emotion(self) -> Emotion:
        return self.shown


class Tracker:
    """Tracks the faces of one session, numbering new ones from `last_id` + 1. Not thread-safe.

    Faces are matched by overlap and distance between a track's predicted box (moving on, ever slower) and the detected
    one; see `assignment`.
    """

    def __init__(self, *, smoothing: float = DEFAULT_SMOOTHING, last_id: int = 0) -> None:
        self.smoothing = smoothing
        self._tracks: list[_Track] = []
        self._last_id = last_id
        self._now = -math.inf

    @property
    def smoothing(self) -> float:
        """The weight of the past in the shown probabilities after `REFERENCE_SECONDS`, 0 (none) to below 1."""
        return self._smoothing

    @smoothing.setter
    def smoothing(self, value: float) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
            raise ValueError(f"smoothing: expected a number from 0 to below 1; got {value!r}")
        self._smoothing = float(value)

    def update(self, faces: Sequence[Face], at: float) -> tuple[TrackedFace, ...]:
        """Return the faces of a frame taken `at` seconds, in their order, with ids and smoothed probabilities.

        A frame from before the last one is treated as simultaneous with it.
        """
        if not math.isfinite(at):
            raise ValueError(f"at: expected a finite number of seconds; got {at!r}")
        self._now = max(self._now, at)
        self._tracks = [track for track in self._tracks if self._now - track.at <= FORGET_SECONDS]
        matches = self._match(faces)
        tracked = []
        for index, face in enumerate(faces):
            if index in matches:
                track = matches[index]
                track.update(face, self._now, self._smoothing)
            else:
                self._last_id += 1
                track = _Track(self._last_id, face, self._now)
                self._tracks.append(track)
            tracked.append(track.tracked(face))
        return tuple(tracked)

    def _match(self, faces: Sequence[Face]) -> dict[int, _Track]:
        """Return the matching track by the index of a face."""
        recent = [track for track in self._tracks if self._now - track.at <= _RECENT_SECONDS]
        missing = [track for track in self._tracks if self._now - track.at > _RECENT_SECONDS]
        matches: dict[int, _Track] = {}
        for tracks in (recent, missing):
            left = [index for index in range(len(faces)) if index not in matches]
            costs = np.array([[track.cost(faces[index], self._now) for index in left] for track in tracks], np.float64)
            for row, column in assign(costs.reshape(len(tracks), len(left)), forbidden=_UNPAIRED):
                matches[left[column]] = tracks[row]
        return matches


class _Track:
    """The state of one tracked face."""

    def __init__(self, number: int, face: Face, at: float) -> None:
        self.at = at
        self._id = number
        self._box = face.box
        self._velocity = np.zeros(2)
        self._probabilities = np.array(face.probabilities)
        self._shown = self._leader = int(np.argmax(self._probabilities))
        self._leads_since = at

    def cost(self, face: Face, now: float) -> float:
        """Return the cost of matching `face` with this track; `_UNPAIRED` if it is not allowed."""
        gap = now - self.at
        moved = self._velocity * _COASTING_SECONDS * (1 - math.exp(-gap / _COASTING_SECONDS))
        expected = Box(self._box.x + moved[0], self._box.y + moved[1], self._box.width, self._box.height)
        sides = _side(expected), _side(face.box)
        distance = float(np.linalg.norm(_centre(face.box) - _centre(expected))) / (sum(sides) / 2)
        ratio = max(sides) / min(sides)
        if distance > min(_REACH + _REACH_PER_SECOND * gap, _MAX_REACH) or ratio > _MAX_RATIO:
            return _UNPAIRED
        return 1 - expected.overlap(face.box) + distance + math.log(ratio)

    def update(self, face: Face, now: float, smoothing: float) -> None:
        gap = now - self.at
        if gap > 0:
            velocity = (_centre(face.box) - _centre(self._box)) / gap
            self._velocity += (1 - math.exp(-gap / _VELOCITY_SECONDS)) * (velocity - self._velocity)
        past = smoothing ** (gap / REFERENCE_SECONDS) if smoothing else 0.0
        self._probabilities = past * self._probabilities + (1 - past) * np.array(face.probabilities)
        self._box, self.at = face.box, now
        leader = int(np.argmax(self._probabilities))
        if leader != self._leader:
            self._leader, self._leads_since = leader, now
        lead = self._probabilities[leader] - self._probabilities[self._shown]
        if lead >= LEAD or now - self._leads_since >= LEAD_SECONDS:
            self._shown = leader

    def tracked(self, face: Face) -> TrackedFace:
        return TrackedFace(
            id=self._id,
            box=face.box,
            score=face.score,
            raw=tuple(face.probabilities),
            probabilities=tuple(self._probabilities.tolist()),
            shown=EMOTIONS[self._shown],
            quality_warnings=face.quality_warnings,
        )


def _side(box: Box) -> float:
    # A face cut off by the image's edge may have almost no area left.
    return max((box.width + box.height) / 2, 1.0)


def _centre(box: Box) -> npt.NDArray[np.float64]:
    return np.array(box.centre)
