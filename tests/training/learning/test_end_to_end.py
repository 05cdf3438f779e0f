"""FER-2013's faces on a canvas are detected, framed and classified, beside the same faces classified directly."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from analysis.recognition.bundle import shipped_default
from analysis.recognition.classifier import Classifier
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.faces import Box, Detection, Image
from analysis.recognition.framing import Frame
from analysis.recognition.images import decode
from training.learning.data.canvases import Canvas, canvases
from training.learning.data.read import Split
from training.learning.end_to_end import EndToEnd, measure

PROJECT = Path(__file__).resolve().parents[3]


class Oracle:
    """Knows where a lone face on a grey canvas is, and frames it exactly."""

    name = "oracle"
    frame = Frame(1.0, 0.0, 0.0, turn=0.0)

    def detect(self, image: Image) -> list[Detection]:
        rows, columns = np.nonzero(image[..., 0] != 128)
        if not len(rows):
            return []
        x, y = float(columns.min()), float(rows.min())
        side = float(columns.max() - columns.min() + 1)
        return [Detection(Box(x, y, side, side), 0.9, (x, y), (x + side, y), (x + side / 2, y), (x, y), (x + side, y))]


@pytest.fixture
def classifier() -> Classifier:
    return Classifier(shipped_default(PROJECT / "models_store"))


@pytest.fixture
def faces(hopper: bytes) -> Split:
    """Ten FER-2013-like portraits and one blank, which no detector finds."""
    head = cv2.cvtColor(decode(hopper)[100:330, 154:384], cv2.COLOR_RGB2GRAY)
    small = cv2.resize(head, (48, 48), interpolation=cv2.INTER_AREA)
    small[[0, -1]] = small[:, [0, -1]] = 1
    images = np.stack([*[np.roll(small, shift, axis=1) for shift in range(-5, 5)], np.full((48, 48), 128, np.uint8)])
    return Split(images[..., np.newaxis], np.arange(11) % 7)


def test_a_canvas_shows_one_face_of_the_size_asked_for(faces: Split):
    for canvas in canvases(faces.head(10), 96, (320, 240)):
        assert canvas.image.shape == (240, 320, 3)
        outside = canvas.image.copy()
        outside[canvas.top : canvas.top + 96, canvas.left : canvas.left + 96] = 128
        assert (outside == 128).all()


def test_canvases_of_one_seed_are_the_same(faces: Split):
    first, second, other = ([(c.left, c.top) for c in canvases(faces, 96, seed=seed)] for seed in (1, 1, 2))
    assert first == second != other


def test_a_tilted_canvas_turns_the_face_about_its_middle(faces: Split):
    (plain,), (tilted,) = (list(canvases(faces.head(1), 96, (320, 240), tilt=tilt)) for tilt in (0, 90))
    part = (slice(plain.top, plain.top + 96), slice(plain.left, plain.left + 96))
    expected = np.rot90(plain.image[part])  # the first row is turned back, not clockwise
    assert np.abs(tilted.image[part].astype(int) - expected)[2:-2, 2:-2].max() <= 2


def test_only_a_detection_on_the_face_counts():
    def found(x: float, score: float) -> Detection:
        return Detection(Box(x, 100, 50, 50), score, (x, 110), (x + 50, 110), (x + 25, 120), (x, 140), (x + 50, 140))

    canvas = Canvas(np.zeros((480, 640, 3), np.uint8), left=100, top=100, side=60)
    assert canvas.pick([found(400, 0.9)]) is None
    assert canvas.pick([found(400, 0.9), found(105, 0.6), found(110, 0.7)]) == found(110, 0.7)


def test_a_perfect_detector_costs_nothing(faces: Split, classifier: Classifier):
    result = measure(faces, Oracle(), classifier, face_pixels=48)
    assert (result.n, result.found) == (11, 10)
    assert result.accuracy_found == result.accuracy_direct


def test_accuracies_are_of_the_faces_that_were_found(faces: Split, classifier: Classifier):
    answers = classifier.classify(faces.images[..., 0]).argmax(axis=1)
    right = Split(faces.images, answers)
    assert measure(right, Oracle(), classifier, face_pixels=48) == EndToEnd(11, 10, 1.0, 1.0)


def test_no_face_found_is_no_division_by_zero(faces: Split, classifier: Classifier):
    blank = Split(faces.images[10:], faces.labels[10:])
    assert measure(blank, create_detector("centerface"), classifier, face_pixels=96) == EndToEnd(1, 0, 0.0, 0.0)


def test_the_detector_that_serves_finds_them(faces: Split, classifier: Classifier):
    assert measure(faces, create_detector("centerface"), classifier, face_pixels=192).found == 10
