"""Helpers for tests of the tracker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from analysis.recognition.emotions import EMOTIONS, Emotion
from analysis.recognition.faces import Box, Face
from analysis.recognition.tracking.tracker import TrackedFace, Tracker


def shares(emotion: Emotion = Emotion.HAPPY, share: float = 0.88) -> tuple[float, ...]:
    """Return probabilities in which the other six expressions are alike."""
    return tuple(share if each is emotion else (1 - share) / 6 for each in EMOTIONS)


def between(one: Emotion, share: float, other: Emotion) -> tuple[float, ...]:
    """Return probabilities of two expressions alone."""
    return tuple(share if each is one else 1 - share if each is other else 0.0 for each in EMOTIONS)


def face(x: float = 200, y: float = 150, side: float = 100, probabilities: tuple[float, ...] | None = None) -> Face:
    """Return a face whose box has its middle at x, y."""
    return Face(Box(x - side / 2, y - side / 2, side, side), 0.9, probabilities or shares())


def ids(faces: Iterable[TrackedFace]) -> list[int]:
    return [found.id for found in faces]


def follow(tracker: Tracker, frames: Iterable[tuple[float, Sequence[Face]]]) -> list[list[int]]:
    """Return the ids of each frame's faces."""
    return [ids(tracker.update(faces, at)) for at, faces in frames]


distributions = st.lists(st.floats(0.001, 1), min_size=7, max_size=7).map(
    lambda weights: tuple(weight / sum(weights) for weight in weights)
)
faces = st.builds(face, st.floats(0, 480), st.floats(0, 360), st.floats(5, 300), distributions)
gaps = st.integers(-1000, 3000).map(lambda milliseconds: milliseconds / 1000)
frames = st.lists(st.tuples(gaps, st.lists(faces, max_size=4)), max_size=25)
"""Seconds since the frame before, which jitters into the past, and the faces of each frame."""
