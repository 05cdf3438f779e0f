"""Each frame of the annotated video shows its own answer; a late or missing one blocks the writing only briefly."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from analysis.live_client.stream import MAX_QUEUED, AnnotatedVideo
from analysis.recognition.faces import Box, Face
from analysis.recognition.tracking.tracker import TrackedFace, Tracker
from analysis.recognition.video.reader import VideoFrame
from tests.analysis.recognition.tracked import shares


@dataclass
class Client:
    """Knows which frames may still be answered."""

    awaited: set[int] = field(default_factory=set)

    def is_awaited(self, sequence: int) -> bool:
        return sequence in self.awaited


@pytest.fixture
def video(tmp_path: Path) -> AnnotatedVideo:
    return AnnotatedVideo(tmp_path / "film.mp4")


def frame(at: float) -> VideoFrame:
    return VideoFrame(at, 0.1, np.full((48, 64, 3), 128, np.uint8))


def face_at(x: float) -> tuple[TrackedFace, ...]:
    return Tracker().update([Face(Box(x, 10, 20, 20), 0.9, shares())], 0.0)


def taken(video: AnnotatedVideo, client: Client, *, is_over: bool = False) -> list[tuple[float, float | None]]:
    """Return the time of each frame that is ready, and where its face is."""
    ready = []
    while next_one := video.take(client, is_over=is_over):
        at, faces = next_one[0].at, next_one[1]
        ready.append((at, faces[0].box.x if faces else None))
    return ready


def test_a_frame_waits_for_its_own_answer(video: AnnotatedVideo):
    client = Client({0})
    video.add(frame(0.0), 0)
    assert taken(video, client) == []
    video.add_answer(0, face_at(5))
    client.awaited.clear()
    assert taken(video, client) == [(0.0, 5)]


def test_an_unsent_frame_shows_the_previous_answer(video: AnnotatedVideo):
    for at, sequence in [(0.0, 0), (0.1, 0), (0.2, 1)]:
        video.add(frame(at), sequence)
    video.add_answer(0, face_at(5))
    video.add_answer(1, face_at(9))
    assert taken(video, Client()) == [(0.0, 5), (0.1, 5), (0.2, 9)]


def test_an_answer_that_is_too_old_is_not_shown(video: AnnotatedVideo):
    video.add(frame(0.0), 0)
    video.add_answer(0, face_at(5))
    video.add(frame(0.3), 1)
    video.add(frame(0.6), 2)
    assert taken(video, Client()) == [(0.0, 5), (0.3, 5), (0.6, None)]


def test_an_answer_without_faces_clears_the_frame(video: AnnotatedVideo):
    video.add(frame(0.0), 0)
    video.add(frame(0.1), 1)
    video.add_answer(0, face_at(5))
    video.add_answer(1, ())
    assert taken(video, Client()) == [(0.0, 5), (0.1, None)]


def test_at_the_end_no_answer_is_awaited(video: AnnotatedVideo):
    video.add(frame(0.0), 0)
    assert taken(video, Client({0}), is_over=True) == [(0.0, None)]


def test_slow_writing_skips_every_second_frame_and_then_all(video: AnnotatedVideo):
    for index in range(4 * MAX_QUEUED):
        video.add(frame(index / 10), 0)
    times = [at for at, _ in taken(video, Client())]
    assert len(times) == MAX_QUEUED
    full, halved = times[: MAX_QUEUED // 2], times[MAX_QUEUED // 2 :]
    assert full == pytest.approx([index / 10 for index in range(len(full))])
    assert np.diff(halved) == pytest.approx(0.2)
