"""CenterFace finds each face once: one that fills the picture, is cut off, turned or small; and none where none is."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from analysis.recognition.detectors import centerface
from analysis.recognition.detectors.centerface import CenterFace
from analysis.recognition.detectors.centerface_network import CenterFaceNetwork
from analysis.recognition.detectors.store import read_detector
from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Image
from analysis.recognition.framing import tilt


@pytest.fixture(scope="module")
def detector() -> CenterFace:
    return CenterFace()


@pytest.fixture
def face(portrait: Image) -> Image:
    """The portrait's face alone, forehead to chin, uint8 (210, 170, 3)."""
    return portrait[130:340, 185:355]


def test_a_face_that_fills_the_picture_is_found_once(detector: CenterFace, face: Image):
    (found,) = detector.detect(face)
    assert found.box.width == pytest.approx(170, rel=0.4)


@pytest.mark.parametrize("size", [48, 96, 640, 1600])
def test_so_it_is_at_any_resolution(detector: CenterFace, face: Image, size: int):
    assert len(detector.detect(cv2.resize(face, (size, size), interpolation=cv2.INTER_AREA))) == 1


@pytest.mark.parametrize(
    "part",
    [np.s_[:, 225:], np.s_[:, :310], np.s_[200:, :], np.s_[:280, :]],
    ids=["left", "right", "top", "bottom"],
)
def test_a_face_that_the_border_cuts_is_found_once(detector: CenterFace, portrait: Image, part: tuple[slice, ...]):
    assert len(detector.detect(portrait[part])) == 1


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_face_that_lies_or_stands_on_its_head_is_found_once_and_framed_upright(
    detector: CenterFace, portrait: Image, turns: int
):
    (upright,), (found,) = detector.detect(portrait), detector.detect(np.rot90(portrait, turns))
    assert math.remainder(tilt(found) + turns * math.pi / 2 - tilt(upright), math.tau) == pytest.approx(0, abs=0.2)
    assert found.is_orientation_sure


def test_a_face_that_is_found_nearly_as_well_the_other_way_up_is_not_sure(
    detector: CenterFace, portrait: Image, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(centerface, "is_same_way_up", lambda one, other: False)
    (found,) = detector.detect(np.rot90(portrait, 2))
    assert not found.is_orientation_sure


@pytest.mark.parametrize("size", [(960, 1280), (1440, 1920), (2400, 3200)])
def test_a_face_of_24_pixels_is_found_once_in_a_large_photo(
    detector: CenterFace, portrait: Image, size: tuple[int, int]
):
    picture = np.full((*size, 3), 127, np.uint8)
    picture[300:375, 500:564] = cv2.resize(portrait, (64, 75), interpolation=cv2.INTER_AREA)
    (found,) = detector.detect(picture)
    assert found.box.x + found.box.width / 2 == pytest.approx(500 + 269 / 8, abs=3)
    assert found.box.y + found.box.height / 2 == pytest.approx(300 + 237 / 8, abs=3)


@pytest.mark.parametrize("seed", range(3))
def test_noise_has_no_face(detector: CenterFace, seed: int):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (30, 40, 3), np.uint8)
    assert detector.detect(cv2.resize(coarse, (1600, 1200), interpolation=cv2.INTER_CUBIC)) == []
    assert detector.detect(rng.integers(0, 256, (480, 640, 3), np.uint8)) == []


def test_the_network_gives_boxes_and_landmarks_in_pixels(portrait: Image):
    finds, scores = CenterFaceNetwork(read_detector("centerface")).find(portrait, 0.4)
    assert finds.dtype == scores.dtype == np.float32
    assert finds.shape == (len(scores), 7, 2)
    assert (scores >= 0.4).all()
    assert (scores <= 1).all()
    best = finds[scores.argmax()]
    np.testing.assert_allclose(best.mean(axis=0), (269, 237), atol=25)
    left_eye, right_eye, nose, left_mouth, right_mouth = best[2:]
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_eye[1] < nose[1] < left_mouth[1]
    assert left_mouth[0] < right_mouth[0]


def test_a_file_that_is_no_network_is_refused():
    with pytest.raises(RecognitionError, match="centerface") as caught:
        CenterFace(b"not a network")
    assert caught.value.code == "detector_missing"
