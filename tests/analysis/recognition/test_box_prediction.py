"""Faces are predicted in every second frame of a quick sequence, and detected otherwise."""

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
from analysis.recognition.tracking.prediction import MAX_SECONDS, BoxPredictor

SIZE = 480, 360
FRAME = 1 / 30


def found(x: float = 200, y: float = 120, side: float = 90, score: float = 0.95) -> Detection:
    points = [(x + right * side, y + down * side) for right, down in ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6))]
    return Detection(Box(x, y, side, side), score, *points)


def searched(*frames: Sequence[Detection], gap: float = 2 * FRAME, size: tuple[int, int] = SIZE) -> BoxPredictor:
    """Return a predictor that was told of those frames; the last was taken at second 0."""
    predictor = BoxPredictor()
    for index, detections in enumerate(frames):
        predictor.record(detections, (index - len(frames) + 1) * gap, size)
    return predictor


def test_a_face_is_extrapolated():
    (predicted,) = searched([found(200, 120, 90)], [found(210, 118, 94)]).predict(FRAME, SIZE)
    assert predicted.box.x == pytest.approx(215)
    assert predicted.box.y == pytest.approx(117)
    assert predicted.box.width == pytest.approx(96)
    assert predicted.left_eye == pytest.approx((215 + 0.3 * 96, 117 + 0.4 * 96))
    assert predicted.right_eye == pytest.approx((215 + 0.7 * 96, 117 + 0.4 * 96))
    assert predicted.score == 0.95


def test_several_faces_are_extrapolated_independently():
    before, now = [found(100), found(300)], [found(306), found(96)]
    predicted = searched(before, now).predict(FRAME, SIZE)
    assert [face.box.x for face in predicted] == pytest.approx([309, 94])


def test_no_two_frames_in_a_row_are_predicted():
    predictor = searched([found()], [found()])
    assert predictor.predict(FRAME, SIZE) is not None
    assert predictor.predict(2 * FRAME, SIZE) is None
    predictor.record([found()], 2 * FRAME, SIZE)
    assert predictor.predict(3 * FRAME, SIZE) is not None


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
def test_frames_where_faces_come_go_or_jump_are_detected(before: list[Detection], now: list[Detection]):
    assert searched(before, now).predict(FRAME, SIZE) is None


def test_the_first_two_frames_are_detected():
    assert BoxPredictor().predict(0.0, SIZE) is None
    assert searched([found()]).predict(FRAME, SIZE) is None


@pytest.mark.parametrize("rate", [5, 10])
def test_frames_far_apart_are_detected(rate: int):
    assert searched([found()], [found()], gap=1 / rate).predict(1 / rate, SIZE) is None


def test_frames_beyond_the_last_gap_are_detected():
    """Frames that arrive together after a hitch tell nothing of how a face moves."""
    assert searched([found()], [found(201)], gap=0.001).predict(FRAME, SIZE) is None


@pytest.mark.parametrize("at", [0.0, -FRAME])
def test_a_frame_from_the_past_is_detected(at: float):
    assert searched([found()], [found()]).predict(at, SIZE) is None


def test_a_frame_of_another_size_is_detected():
    assert searched([found()], [found()]).predict(FRAME, (640, 480)) is None


def test_a_frame_with_a_leaving_face_is_detected():
    assert searched([found(410, side=90)], [found(433, side=90)]).predict(FRAME, SIZE) is None


@given(st.lists(st.tuples(st.floats(0.001, 0.2), st.lists(st.floats(0, 400), max_size=3)), max_size=30))
def test_at_most_every_second_frame_is_predicted_and_none_without_faces(frames: list[tuple[float, list[float]]]):
    predictor, at, was_predicted, last = BoxPredictor(), 0.0, False, 0.0
    for gap, places in frames:
        at += gap
        predicted = predictor.predict(at, SIZE)
        if predicted is None:
            predictor.record([found(x) for x in places], at, SIZE)
            last, was_predicted = at, False
        else:
            assert not was_predicted
            assert predicted
            assert at - last <= MAX_SECONDS
            was_predicted = True


class Counting:
    """The real detector, and how often it was asked."""

    def __init__(self) -> None:
        self.detector = create_detector("centerface")
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


def test_half_of_a_quick_videos_frames_are_predicted_with_similar_results(bundle: Bundle, portrait: np.ndarray):
    detector = Counting()
    recognizer, every, predictor = Recognizer(bundle, detector), Recognizer(bundle, detector.detector), BoxPredictor()
    answers = []
    for index, frame in enumerate(pan(portrait, 20)):
        (face,) = recognizer.recognize_frame(frame, predictor, index / 30).faces
        (reference,) = every.recognize_image(frame).faces
        assert face.box.overlap(reference.box) > 0.85
        answers.append([face.probabilities, reference.probabilities])
    # From frame to frame even searched ones differ more than that.
    predicted, searched_for = np.mean(answers, axis=0)
    assert abs(predicted - searched_for).sum() / 2 < 0.1
    assert detector.count == 11


def test_every_frame_of_a_slow_video_is_detected(bundle: Bundle, portrait: np.ndarray):
    detector = Counting()
    recognizer, predictor = Recognizer(bundle, detector), BoxPredictor()
    for index, frame in enumerate(pan(portrait, 5)):
        recognizer.recognize_frame(frame, predictor, index / 5)
    assert detector.count == 5


def test_a_face_that_is_gone_is_gone_within_two_frames(bundle: Bundle, portrait: np.ndarray, landscape: np.ndarray):
    recognizer, predictor = Recognizer(bundle, create_detector("centerface")), BoxPredictor()
    empty = np.ascontiguousarray(landscape[:360, :480])
    frames = [*pan(portrait, 6), empty, empty]
    counts = [len(recognizer.recognize_frame(frame, predictor, index / 30).faces) for index, frame in enumerate(frames)]
    assert counts[:6] == [1] * 6
    assert counts[-1] == 0


def test_a_predicted_face_has_a_box_inside_the_picture(bundle: Bundle):
    predictor = searched([found(-40)], [found(-42)])
    (predicted,) = predictor.predict(FRAME, SIZE)
    assert predicted.box.x < 0
    recognizer = Recognizer(bundle, create_detector("centerface"))
    predictor = searched([found(-40)], [found(-42)])
    (face,) = recognizer.recognize_frame(np.zeros((360, 480, 3), np.uint8), predictor, FRAME).faces
    assert face.box.x == 0
    assert face.box.width > 1
