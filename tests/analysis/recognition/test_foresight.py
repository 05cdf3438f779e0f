"""Every second frame is foreseen, where frames follow quickly and faces are clear; any doubt has it searched."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.recognition.bundle import Bundle
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.faces import Box, Detection, Image
from analysis.recognition.recognizer import Recognizer
from analysis.recognition.tracking.prediction import MOST_SECONDS, Foresight

SIZE = 480, 360
FRAME = 1 / 30


def found(x: float = 200, y: float = 120, side: float = 90, score: float = 0.95) -> Detection:
    points = [(x + right * side, y + down * side) for right, down in ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6))]
    return Detection(Box(x, y, side, side), score, *points)


def searched(*frames: Sequence[Detection], gap: float = 2 * FRAME, size: tuple[int, int] = SIZE) -> Foresight:
    """Return a foresight that was told of those frames; the last was taken at second 0."""
    foresight = Foresight()
    for index, detections in enumerate(frames):
        foresight.note(detections, (index - len(frames) + 1) * gap, size)
    return foresight


def test_a_face_moves_on_as_it_did():
    (expected,) = searched([found(200, 120, 90)], [found(210, 118, 94)]).expect(FRAME, SIZE)
    assert expected.box.x == pytest.approx(215)
    assert expected.box.y == pytest.approx(117)
    assert expected.box.width == pytest.approx(96)
    assert expected.left_eye == pytest.approx((215 + 0.3 * 96, 117 + 0.4 * 96))
    assert expected.right_eye == pytest.approx((215 + 0.7 * 96, 117 + 0.4 * 96))
    assert expected.score == 0.95


def test_each_of_several_faces_moves_on_by_itself():
    before, now = [found(100), found(300)], [found(306), found(96)]
    expected = searched(before, now).expect(FRAME, SIZE)
    assert [face.box.x for face in expected] == pytest.approx([309, 94])


def test_never_are_two_in_a_row_foreseen():
    foresight = searched([found()], [found()])
    assert foresight.expect(FRAME, SIZE) is not None
    assert foresight.expect(2 * FRAME, SIZE) is None
    foresight.note([found()], 2 * FRAME, SIZE)
    assert foresight.expect(3 * FRAME, SIZE) is not None


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ([], []),
        ([found()], []),
        ([], [found()]),
        ([found()], [found(), found(350)]),
        ([found(), found(350)], [found()]),
        ([found(100), found(350)], [found(100), found(102)]),
        ([found(100)], [found(150)]),
        ([found(side=60)], [found(side=100)]),
        ([found()], [found(score=0.55)]),
    ],
    ids=["nobody", "left", "came", "one more", "one less", "two of one", "far", "grown", "unsure"],
)
def test_where_faces_come_go_or_jump_the_frame_is_searched(before: list[Detection], now: list[Detection]):
    assert searched(before, now).expect(FRAME, SIZE) is None


def test_the_first_two_frames_are_searched():
    assert Foresight().expect(0.0, SIZE) is None
    assert searched([found()]).expect(FRAME, SIZE) is None


@pytest.mark.parametrize("rate", [5, 10])
def test_frames_far_apart_are_searched(rate: int):
    assert searched([found()], [found()], gap=1 / rate).expect(1 / rate, SIZE) is None


def test_what_lies_farther_ahead_than_two_frames_are_apart_is_searched():
    """Frames that arrive together after a hitch tell nothing of how a face moves."""
    assert searched([found()], [found(201)], gap=0.001).expect(FRAME, SIZE) is None


@pytest.mark.parametrize("at", [0.0, -FRAME])
def test_a_frame_from_the_past_is_searched(at: float):
    assert searched([found()], [found()]).expect(at, SIZE) is None


def test_a_picture_of_another_size_is_searched():
    assert searched([found()], [found()]).expect(FRAME, (640, 480)) is None


def test_a_face_that_is_about_to_leave_is_searched():
    assert searched([found(410, side=90)], [found(433, side=90)]).expect(FRAME, SIZE) is None


@given(st.lists(st.tuples(st.floats(0.001, 0.2), st.lists(st.floats(0, 400), max_size=3)), max_size=30))
def test_at_most_every_second_frame_is_foreseen_and_none_without_faces(frames: list[tuple[float, list[float]]]):
    foresight, at, was_foreseen, last = Foresight(), 0.0, False, 0.0
    for gap, places in frames:
        at += gap
        expected = foresight.expect(at, SIZE)
        if expected is None:
            foresight.note([found(x) for x in places], at, SIZE)
            last, was_foreseen = at, False
        else:
            assert not was_foreseen
            assert expected
            assert at - last <= MOST_SECONDS
            was_foreseen = True


class Counting:
    """The real detector, and how often it was asked."""

    def __init__(self) -> None:
        self.detector = create_detector("blazeface")
        self.name, self.frame = self.detector.name, self.detector.frame
        self.count = 0

    def detect(self, image: Image) -> list[Detection]:
        self.count += 1
        return self.detector.detect(image)


def pan(portrait: np.ndarray, frames: int) -> list[np.ndarray]:
    """The portrait moves by a fifth of the face's width a second, at 30 frames a second."""
    return [
        np.ascontiguousarray(cv2.getRectSubPix(portrait, (480, 360), (262 + 1.3 * index, 250)))
        for index in range(frames)
    ]


def test_half_of_a_quick_videos_frames_are_searched_and_the_answers_are_much_the_same(
    bundle: Bundle, portrait: np.ndarray
):
    detector = Counting()
    recognizer, every, foresight = Recognizer(bundle, detector), Recognizer(bundle, detector.detector), Foresight()
    answers = []
    for index, frame in enumerate(pan(portrait, 20)):
        (face,) = recognizer.recognize_frame(frame, foresight, index / 30).faces
        (reference,) = every.recognize_image(frame).faces
        assert face.box.overlap(reference.box) > 0.85
        answers.append([face.probabilities, reference.probabilities])
    # From frame to frame even searched ones differ more than that.
    foreseen, searched_for = np.mean(answers, axis=0)
    assert abs(foreseen - searched_for).sum() / 2 < 0.1
    assert detector.count == 11


def test_every_frame_of_a_slow_video_is_searched(bundle: Bundle, portrait: np.ndarray):
    detector = Counting()
    recognizer, foresight = Recognizer(bundle, detector), Foresight()
    for index, frame in enumerate(pan(portrait, 5)):
        recognizer.recognize_frame(frame, foresight, index / 5)
    assert detector.count == 5


def test_a_face_that_is_gone_is_gone_within_two_frames(bundle: Bundle, portrait: np.ndarray, landscape: np.ndarray):
    recognizer, foresight = Recognizer(bundle, create_detector("blazeface")), Foresight()
    empty = np.ascontiguousarray(landscape[:360, :480])
    frames = [*pan(portrait, 6), empty, empty]
    counts = [len(recognizer.recognize_frame(frame, foresight, index / 30).faces) for index, frame in enumerate(frames)]
    assert counts[:6] == [1] * 6
    assert counts[-1] == 0


def test_a_foreseen_face_has_a_box_inside_the_picture(bundle: Bundle):
    foresight = searched([found(-40)], [found(-42)])
    (expected,) = foresight.expect(FRAME, SIZE)
    assert expected.box.x < 0
    recognizer = Recognizer(bundle, create_detector("blazeface"))
    foresight = searched([found(-40)], [found(-42)])
    (face,) = recognizer.recognize_frame(np.zeros((360, 480, 3), np.uint8), foresight, FRAME).faces
    assert face.box.x == 0
    assert face.box.width > 1
