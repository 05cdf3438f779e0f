"""Faces across frames: an id that stays with its face, a steady expression and a word that does not flicker."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.recognition.emotions import EMOTIONS, Emotion
from analysis.recognition.faces import Box, Face
from analysis.recognition.quality import Doubt, is_close
from analysis.recognition.tracking.assignment import assign

DEFAULT_SMOOTHING = 0.6
REFERENCE_SECONDS = 0.1
"""`smoothing` is how much of the past is left after so long, so that it looks alike at 5 frames a second and at 30."""
FORGET_SECONDS = 2.0
"""A face away for longer comes back as another."""
LEAD = 0.1
"""A challenger so far ahead of the shown emotion replaces it at once..."""
LEAD_SECONDS = 0.5
"""...and one that is ahead by less after so long."""

_RECENT_SECONDS = 0.5
"""Faces seen within it choose before those that are away: somebody who walks past does not take an absent one's id."""
_REACH, _REACH_PER_SECOND, _FARTHEST = 0.8, 1.0, 1.6
"""How far from where it was expected a face may turn up, in sides of its box: at once, more a second, at most."""
_LARGEST_RATIO = 2.0
"""Between the sides of one face's boxes in two frames."""
_VELOCITY_SECONDS = 0.2
"""The time constant over which velocity is averaged; a box trembles from frame to frame."""
_COASTING_SECONDS = 0.5
"""The time constant in which an unseen face is expected to come to rest."""
_UNPAIRED = 2 + _FARTHEST + math.log(_LARGEST_RATIO)
"""Leaving a face without its former id costs more than any pair that may be made."""


@dataclass(frozen=True)
class TrackedFace:
    """One face in one frame of a session; `id` counts from 1 and stays with the face.

    `raw` are this frame's probabilities, `probabilities` the smoothed ones: seven floats each, in the order of
    `EMOTIONS`, summing to one. `emotion` is the one to show, which changes later than the likeliest does.
    """

    id: int
    box: Box
    score: float
    raw: tuple[float, ...]
    probabilities: tuple[float, ...]
    emotion: Emotion
    picture_doubts: tuple[Doubt, ...] = ()

    @property
    def confidence(self) -> float:
        """The shown expression's smoothed probability, 0 to 1."""
        return self.probabilities[EMOTIONS.index(self.emotion)]

    @property
    def margin(self) -> float:
        """How far the shown expression lies ahead of the best other, -1 to 1; below 0 shortly before it changes."""
        shown = EMOTIONS.index(self.emotion)
        return self.confidence - max(share for index, share in enumerate(self.probabilities) if index != shown)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Why the answer should be read as a guess; empty where it need not be."""
        close = (Doubt.CLOSE,) if is_close(self.confidence, self.margin) else ()
        return close + self.picture_doubts

    @property
    def is_uncertain(self) -> bool:
        """Whether the answer should be read as a guess."""
        return bool(self.doubts)


class Tracker:
    """Follows the faces of one session, or of what follows its face `last_id`; not thread-safe.

    Overlap and distance between where a face is expected (moving on as it did, ever slower) and where one was found
    decide which is which; see `assignment` for how the pairs are chosen.
    """

    def __init__(self, *, smoothing: float = DEFAULT_SMOOTHING, last_id: int = 0) -> None:
        self.smoothing = smoothing
        self._tracks: list[_Track] = []
        self._last_id = last_id
        self._now = -math.inf

    @property
    def smoothing(self) -> float:
        """The past's share in the shown probabilities after `REFERENCE_SECONDS`, 0 (none) to below 1."""
        return self._smoothing

    @smoothing.setter
    def smoothing(self, value: float) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
            raise ValueError(f"smoothing: expected a number from 0 to below 1; got {value!r}")
        self._smoothing = float(value)

    def update(self, faces: Sequence[Face], at: float) -> tuple[TrackedFace, ...]:
        """Return the faces of a frame taken `at` seconds, in their order, with ids and smoothed probabilities.

        Time does not go back: a frame from before the last one is taken as simultaneous with it.
        """
        if not math.isfinite(at):
            raise ValueError(f"at: expected a finite number of seconds; got {at!r}")
        self._now = max(self._now, at)
        self._tracks = [track for track in self._tracks if self._now - track.at <= FORGET_SECONDS]
        found = self._find_tracks(faces)
        tracked = []
        for index, face in enumerate(faces):
            if index in found:
                found[index].follow(face, self._now, self._smoothing)
                track = found[index]
            else:
                self._last_id += 1
                track = _Track(self._last_id, face, self._now)
                self._tracks.append(track)
            tracked.append(track.seen(face))
        return tuple(tracked)

    def _find_tracks(self, faces: Sequence[Face]) -> dict[int, _Track]:
        """Return, by a face's index, the track that it continues."""
        recent = [track for track in self._tracks if self._now - track.at <= _RECENT_SECONDS]
        absent = [track for track in self._tracks if self._now - track.at > _RECENT_SECONDS]
        found: dict[int, _Track] = {}
        for tracks in (recent, absent):
            left = [index for index in range(len(faces)) if index not in found]
            costs = np.array([[track.cost(faces[index], self._now) for index in left] for track in tracks], np.float64)
            for row, column in assign(costs.reshape(len(tracks), len(left)), forbidden=_UNPAIRED):
                found[left[column]] = tracks[row]
        return found


class _Track:
    """What is known of one face."""

    def __init__(self, number: int, face: Face, at: float) -> None:
        self.at = at
        self._id = number
        self._box = face.box
        self._velocity = np.zeros(2)
        self._probabilities = np.array(face.probabilities)
        self._shown = self._leader = int(np.argmax(self._probabilities))
        self._leads_since = at

    def cost(self, face: Face, now: float) -> float:
        """Return what taking `face` for this one costs; `_UNPAIRED` where that is out of the question."""
        gap = now - self.at
        moved = self._velocity * _COASTING_SECONDS * (1 - math.exp(-gap / _COASTING_SECONDS))
        expected = Box(self._box.x + moved[0], self._box.y + moved[1], self._box.width, self._box.height)
        sides = _side(expected), _side(face.box)
        distance = float(np.linalg.norm(_centre(face.box) - _centre(expected))) / (sum(sides) / 2)
        ratio = max(sides) / min(sides)
        if distance > min(_REACH + _REACH_PER_SECOND * gap, _FARTHEST) or ratio > _LARGEST_RATIO:
            return _UNPAIRED
        return 1 - expected.overlap(face.box) + distance + math.log(ratio)

    def follow(self, face: Face, now: float, smoothing: float) -> None:
        """Take up what the face does `now`."""
        gap = now - self.at
        if gap > 0:
            velocity = (_centre(face.box) - _centre(self._box)) / gap
            self._velocity += (1 - math.exp(-gap / _VELOCITY_SECONDS)) * (velocity - self._velocity)
        kept = smoothing ** (gap / REFERENCE_SECONDS) if smoothing else 0.0
        self._probabilities = kept * self._probabilities + (1 - kept) * np.array(face.probabilities)
        self._box, self.at = face.box, now
        self._choose_emotion()

    def _choose_emotion(self) -> None:
        leader = int(np.argmax(self._probabilities))
        if leader != self._leader:
            self._leader, self._leads_since = leader, self.at
        lead = self._probabilities[leader] - self._probabilities[self._shown]
        if lead >= LEAD or self.at - self._leads_since >= LEAD_SECONDS:
            self._shown = leader

    def seen(self, face: Face) -> TrackedFace:
        """Return the face as it is to be shown."""
        probabilities = tuple(self._probabilities.tolist())
        return TrackedFace(
            id=self._id,
            box=face.box,
            score=face.score,
            raw=tuple(face.probabilities),
            probabilities=probabilities,
            emotion=EMOTIONS[self._shown],
            picture_doubts=face.picture_doubts,
        )


def _side(box: Box) -> float:
    """At least a pixel: a face cut by the picture's edge may have next to none left."""
    return max((box.width + box.height) / 2, 1.0)


def _centre(box: Box) -> npt.NDArray[np.float64]:
    return np.array([box.x + box.width / 2, box.y + box.height / 2])
