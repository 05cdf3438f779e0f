"""A film's frame shows what was answered to it; what is late or lost holds nothing up for long."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from analysis.live_client.sources import Picture
from analysis.live_client.stream import MOST_WAITING, Film
from analysis.recognition.faces import Box, Face
from analysis.recognition.tracking.tracker import TrackedFace, Tracker
from tests.analysis.recognition.tracked import shares


@dataclass
class Client:
    """Knows which frames may still be answered."""

    awaited: set[int] = field(default_factory=set)

    def is_awaited(self, sequence: int) -> bool:
        return sequence in self.awaited


@pytest.fixture
def film(tmp_path: Path) -> Film:
    return Film(tmp_path / "film.webm", 10.0)


def picture(at: float) -> Picture:
    return Picture(at, np.full((48, 64, 3), 128, np.uint8))


def face_at(x: float) -> tuple[TrackedFace, ...]:
    return Tracker().update([Face(Box(x, 10, 20, 20), 0.9, shares())], 0.0)


def taken(film: Film, client: Client, *, is_over: bool = False) -> list[tuple[float, float | None]]:
    """Return the time of each frame that is ready, and where its face is."""
    ready = []
    while next_one := film.take(client, is_over=is_over):
        at, faces = next_one[0].at, next_one[1]
        ready.append((at, faces[0].box.x if faces else None))
    return ready


def test_a_frame_waits_for_its_own_answer(film: Film):
    client = Client({0})
    film.add(picture(0.0), 0)
    assert taken(film, client) == []
    film.answer(0, face_at(5))
    client.awaited.clear()
    assert taken(film, client) == [(0.0, 5)]


def test_a_frame_that_was_not_sent_shows_the_answer_to_the_one_before(film: Film):
    for at, sequence in [(0.0, 0), (0.1, 0), (0.2, 1)]:
        film.add(picture(at), sequence)
    film.answer(0, face_at(5))
    film.answer(1, face_at(9))
    assert taken(film, Client()) == [(0.0, 5), (0.1, 5), (0.2, 9)]


def test_an_answer_that_is_too_old_is_not_shown(film: Film):
    film.add(picture(0.0), 0)
    film.answer(0, face_at(5))
    film.add(picture(0.3), 1)
    film.add(picture(0.6), 2)
    assert taken(film, Client()) == [(0.0, 5), (0.3, 5), (0.6, None)]


def test_an_answer_without_faces_clears_the_picture(film: Film):
    film.add(picture(0.0), 0)
    film.add(picture(0.1), 1)
    film.answer(0, face_at(5))
    film.answer(1, ())
    assert taken(film, Client()) == [(0.0, 5), (0.1, None)]


def test_in_the_end_nothing_is_waited_for(film: Film):
    film.add(picture(0.0), 0)
    assert taken(film, Client({0}), is_over=True) == [(0.0, None)]


def test_when_writing_is_slow_every_second_frame_is_left_out_and_then_every_one(film: Film):
    for index in range(4 * MOST_WAITING):
        film.add(picture(index / 10), 0)
    times = [at for at, _ in taken(film, Client())]
    assert len(times) == MOST_WAITING
    full, halved = times[: MOST_WAITING // 2], times[MOST_WAITING // 2 :]
    assert full == pytest.approx([index / 10 for index in range(len(full))])
    assert np.diff(halved) == pytest.approx(0.2)
