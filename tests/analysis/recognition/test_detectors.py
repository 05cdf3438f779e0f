"""Every detector finds the faces of photos of any size."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.errors import RecognitionError

YUNET = Path(__file__).resolve().parents[4] / "shared" / "detectors" / "face_detection_yunet_2026may.onnx"


@pytest.fixture(params=["centerface", "yunet"])
def detector(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaceDetector]:
    if request.param == "yunet":
        if not YUNET.exists():
            pytest.skip("YuNet's file is not beside this project (../shared/detectors)")
        monkeypatch.setenv("YUNET_MODEL", str(YUNET))
    return create_detector(request.param)


def test_it_finds_a_face_its_size_and_its_eyes(detector: FaceDetector, portrait: np.ndarray):
    (found,) = detector.detect(portrait)
    assert 0.5 < found.score <= 1
    assert found.box.x + found.box.width / 2 == pytest.approx(269, abs=20)
    assert found.box.y + found.box.height / 2 == pytest.approx(237, abs=25)
    assert found.box.width == pytest.approx(190, abs=30)
    assert found.left_eye == pytest.approx((226, 194), abs=10)
    assert found.right_eye == pytest.approx((309, 190), abs=10)


@pytest.mark.parametrize("scale", [0.2, 0.5, 2.0, 5.0])
def test_the_resolution_does_not_matter(detector: FaceDetector, portrait: np.ndarray, scale: float):
    (expected,) = detector.detect(portrait)
    (found,) = detector.detect(cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    for side in ("x", "y", "width", "height"):
        assert getattr(found.box, side) / scale == pytest.approx(getattr(expected.box, side), abs=22)


def test_it_finds_twelve_faces(detector: FaceDetector, group: np.ndarray):
    cells = {(int(d.box.x // 320), int(d.box.y // 320)) for d in detector.detect(group)}
    assert len(detector.detect(group)) == len(cells) == 12


def test_it_finds_no_face_in_a_landscape(detector: FaceDetector, landscape: np.ndarray):
    assert detector.detect(landscape) == []


def test_a_small_face_in_a_large_photo_is_found_once(detector: FaceDetector, portrait: np.ndarray):
    picture = np.full((1500, 2000, 3), 90, np.uint8)
    picture[700:820, 900:1002] = cv2.resize(portrait, (102, 120), interpolation=cv2.INTER_AREA)
    (found,) = detector.detect(picture)
    assert found.box.width == pytest.approx(40, abs=10)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (7, 5), (40_000, 3)])
def test_odd_sizes_work(detector: FaceDetector, size: tuple[int, int]):
    assert detector.detect(np.zeros((*size, 3), np.uint8)) == []


def test_the_result_is_deterministic(detector: FaceDetector, group: np.ndarray):
    assert detector.detect(group) == detector.detect(group)


def test_the_error_for_an_unknown_detector_lists_the_known_ones():
    with pytest.raises(RecognitionError, match=r"no detector “haar”\. Choose one of: centerface, yunet") as caught:
        create_detector("haar")
    assert caught.value.code == "detector_missing"


@pytest.mark.parametrize(
    ("path", "message"),
    [("", "not set"), ("/nowhere/yunet.onnx", "there is no file"), (__file__, "OpenCV cannot read")],
)
def test_yunet_reports_its_missing_file(monkeypatch: pytest.MonkeyPatch, path: str, message: str):
    monkeypatch.setenv("YUNET_MODEL", path)
    with pytest.raises(RecognitionError, match=message) as caught:
        create_detector("yunet")
    assert caught.value.code == "detector_missing"


def test_detecting_imports_neither_tensorflow_nor_django():
    program = (
        "import sys; from analysis.recognition.detectors.registry import create_detector; "
        "create_detector('centerface'); "
        "sys.exit(bool({'tensorflow', 'django'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).resolve().parents[3])
