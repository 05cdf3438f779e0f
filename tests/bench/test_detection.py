"""How the bench counts detections."""

from __future__ import annotations

from analysis.recognition.faces import Box, Detection
from tests.bench.detection import Match, match


def detection(x: float, y: float, side: float) -> Detection:
    return Detection(Box(x, y, side, side), 0.9, (0, 0), (1, 0), (0, 1), (0, 2), (1, 2))


FACES = [Box(100, 100, 50, 50), Box(160, 100, 50, 50)]


def test_each_face_is_found_by_one_detection():
    assert match([detection(105, 98, 45), detection(158, 100, 55)], FACES) == Match(found=2, second=0, others=0)


def test_another_detection_of_a_face_is_a_second_one():
    assert match([detection(100, 100, 50), detection(102, 105, 40)], FACES) == Match(found=1, second=1, others=0)


def test_a_part_of_a_face_does_not_find_it():
    assert match([detection(115, 115, 20)], FACES) == Match(found=0, second=1, others=0)


def test_a_detection_elsewhere_lies_on_no_face():
    assert match([detection(300, 300, 50)], FACES) == Match(found=0, second=0, others=1)
