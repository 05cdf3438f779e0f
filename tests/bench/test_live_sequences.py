"""Of moving faces, lost ones, changed ids and late finds are counted; one outside the frame is not missed."""

from __future__ import annotations

import pytest

from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.faces import Box
from analysis.recognition.tracking.tracker import TrackedFace
from tests.bench.live_sequences import Portraits

HERE, OUTSIDE = Box(100, 100, 90, 90), Box(460, 100, 90, 90)


def face(number: int, box: Box = HERE) -> TrackedFace:
    even = (1 / 7,) * 7
    return TrackedFace(box=box, score=0.9, probabilities=even, id=number, raw=even, shown=EMOTIONS[0])


@pytest.mark.parametrize(
    ("faces", "complete", "ids_kept", "others"),
    [
        ([[face(1)], [face(1)], [face(1)]], 3, 1.0, 0),
        ([[face(1)], [], [face(1)]], 2, 1.0, 0),
        ([[face(1)], [face(2)], [face(2)]], 3, 1 / 3, 0),
        ([[face(1)], [face(1), face(2, Box(300, 200, 50, 50))], [face(1)]], 3, 1.0, 1),
    ],
    ids=["kept", "lost", "another id", "another box"],
)
def test_what_is_seen_of_a_face_is_counted(faces: list[list[TrackedFace]], complete: int, ids_kept: float, others: int):
    seen = Portraits()
    for index, each in enumerate(faces):
        seen.count(index * 0.2, [HERE], tuple(each))
    assert (seen.complete, seen.ids_kept, seen.others) == (complete, pytest.approx(ids_kept), others)


def test_a_face_outside_is_not_missed_and_one_that_enters_may_be_late():
    seen = Portraits()
    for at, box, faces in [(0.0, OUTSIDE, ()), (0.2, HERE, ()), (1.0, HERE, (face(1),)), (1.2, OUTSIDE, ())]:
        seen.count(at, [box], faces)
    assert seen.complete == seen.frames == 4
    assert seen.delays == [pytest.approx(0.8)]


def test_what_is_visible_of_a_face_that_leaves_is_no_other_box():
    seen = Portraits()
    seen.count(0.0, [OUTSIDE], (face(1, Box(455, 105, 25, 60)),))
    assert seen.others == 0
