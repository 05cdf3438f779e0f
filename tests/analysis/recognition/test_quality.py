"""Quality warnings: close expressions, or a badly shown face."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from analysis.recognition.bundle import shipped_default
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.faces import Box, Face
from analysis.recognition.framing import crop
from analysis.recognition.images import decode
from analysis.recognition.quality import Pose, QualityWarning, quality_warnings, sharpness
from analysis.recognition.recognizer import Recognizer


@pytest.fixture
def face(hopper: bytes) -> np.ndarray:
    """A well shown face, as the network sees it."""
    image = decode(hopper)
    return crop(image, create_detector("centerface").detect(image))[0]


def test_a_clear_face_has_no_warning(face: np.ndarray):
    assert quality_warnings(face, side=200, pose=Pose(turn=0.1, nod=0.5, border_distance=0.3)) == ()


def test_a_small_face(face: np.ndarray):
    assert quality_warnings(face, side=20) == (QualityWarning.SMALL,)


def test_a_blurred_face(face: np.ndarray):
    assert quality_warnings(cv2.GaussianBlur(face, (0, 0), 2.5)) == (QualityWarning.BLURRED,)


def test_a_pale_face_is_not_blurred(face: np.ndarray):
    pale = (face // 3 + 120).astype(np.uint8)
    assert sharpness(pale) == pytest.approx(sharpness(face), rel=0.15)
    assert quality_warnings(pale) == ()


def test_an_even_grey_has_no_sharpness():
    assert sharpness(np.full((48, 48), 128, np.uint8)) == 0


def test_a_dark_face(face: np.ndarray):
    assert quality_warnings(face // 8) == (QualityWarning.DARK,)


@pytest.mark.parametrize(
    ("pose", "warning"),
    [
        (Pose(turn=-0.6), QualityWarning.TURNED),
        (Pose(turn=0.6), QualityWarning.TURNED),
        (Pose(is_orientation_sure=False), QualityWarning.TURNED),
        (Pose(nod=0.7), QualityWarning.BOWED),
        (Pose(nod=0.3), QualityWarning.RAISED),
        (Pose(border_distance=0.05), QualityWarning.CUT),
        (Pose(border_distance=0.05, nod=0.7), QualityWarning.CUT),
    ],
)
def test_a_face_held_otherwise_than_straight(face: np.ndarray, pose: Pose, warning: QualityWarning):
    assert quality_warnings(face, pose=pose) == (warning,)


def test_close_is_the_first_warning():
    unsure = Face(Box(0, 0, 9, 9), 0.9, (0.4, 0.3, 0.1, 0.1, 0.1, 0.0, 0.0), (QualityWarning.DARK,))
    assert unsure.warnings == (QualityWarning.CLOSE, QualityWarning.DARK)
    assert unsure.is_uncertain


def test_a_confident_answer_with_a_quality_warning_is_uncertain():
    sure = Face(Box(0, 0, 9, 9), 0.9, (0.9, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0), (QualityWarning.TURNED,))
    assert sure.is_uncertain
    assert not Face(sure.box, sure.score, sure.probabilities).is_uncertain


def test_recognition_checks_each_face(hopper: bytes, settings):
    recognizer = Recognizer(shipped_default(settings.MODELS_STORE), create_detector("centerface"))
    image = decode(hopper)
    (plain,) = recognizer.recognize_image(image).faces
    assert plain.quality_warnings == ()
    (dark,) = recognizer.recognize_image(image // 6).faces
    assert QualityWarning.DARK in dark.quality_warnings
    (blurred,) = recognizer.recognize_image(cv2.GaussianBlur(image, (0, 0), 19)).faces
    assert QualityWarning.BLURRED in blurred.quality_warnings
    (cut,) = recognizer.recognize_image(image[:270]).faces
    assert cut.quality_warnings == (QualityWarning.CUT,)
