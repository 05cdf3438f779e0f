"""The relation of boxes to FER-2013's frame is found again, and so is what turning is worth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.recognition.faces import Box, Detection, Image
from analysis.recognition.framing import Frame
from training.learning.data.canvases import canvases
from training.learning.data.read import Split
from training.learning.errors import LearningError
from training.learning.framing import FACE_PIXELS, compare_turns, fit_frame


class Biased:
    """Finds each canvas' face, in boxes that `frame` leads back to FER-2013's, its eye line tilted by `degrees`."""

    name = "biased"

    def __init__(self, frame: Frame, places: list[tuple[int, int]], degrees: float = 0.0) -> None:
        self.frame = frame
        self._places = iter(places)
        self._angle = math.radians(degrees)

    def detect(self, image: Image) -> list[Detection]:
        side = FACE_PIXELS / self.frame.scale
        cosine, sine = math.cos(self._angle), math.sin(self._angle)
        left, top = next(self._places)
        x = left + FACE_PIXELS / 2 - side * (self.frame.right * cosine - self.frame.down * sine)
        y = top + FACE_PIXELS / 2 - side * (self.frame.right * sine + self.frame.down * cosine)
        box = Box(x - side / 2, y - side / 2, side, side)
        left, right = (x - 20 * cosine, y - 20 * sine), (x + 20 * cosine, y + 20 * sine)
        return [Detection(box, 0.9, left, right, (x, y), left, right)]


class Upright:
    """Stands in for a classifier: a crop is of class 1 when its upper half is the brighter."""

    def classify(self, crops: np.ndarray) -> np.ndarray:
        brighter = crops[:, :24].mean(axis=(1, 2)) > crops[:, 24:].mean(axis=(1, 2)) + 60
        return np.eye(7)[brighter.astype(int)]


class Blind:
    name = "blind"
    frame = Frame(1, 0, 0, 1)

    def detect(self, image: Image) -> list[Detection]:
        return []


@pytest.fixture
def split() -> Split:
    """Six faces: bright above, dark below."""
    images = np.zeros((6, 48, 48, 1), np.uint8)
    images[:, :24] = 200
    return Split(images, np.ones(6, np.int64))


@pytest.mark.parametrize("degrees", [0, 30, -20])
def test_it_finds_the_frame_again(split: Split, degrees: float):
    frame = Frame(scale=1.25, right=0.05, down=-0.125, turn=1.0)
    places = [(canvas.left, canvas.top) for canvas in canvases(split, FACE_PIXELS)]
    fit = fit_frame(split, Biased(frame, places, degrees))
    assert (fit.n, fit.found) == (6, 6)
    assert (fit.frame.scale, fit.frame.right, fit.frame.down) == pytest.approx((1.25, 0.05, -0.125), abs=1e-6)
    assert fit.spread == pytest.approx((0, 0, 0), abs=1e-6)


def test_turning_is_compared_by_what_the_classifier_makes_of_it(split: Split):
    places = [(canvas.left, canvas.top) for canvas in canvases(split, FACE_PIXELS, tilt=0)]
    sideways = Biased(Frame(1, 0, 0, 1), places, degrees=89)
    result = compare_turns(split, sideways, Upright(), tilt=0, turns=(0.0, 1.0))
    assert (result.found, result.direct) == (1.0, 1.0)
    assert result.accuracies == {0.0: 1.0, 1.0: 0.0}


def test_a_detector_that_finds_nothing_is_named(split: Split):
    with pytest.raises(LearningError, match="blind"):
        fit_frame(split, Blind())
    assert compare_turns(split, Blind(), Upright(), tilt=0, turns=(0.0,)).found == 0
