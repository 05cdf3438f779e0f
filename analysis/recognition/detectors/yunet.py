"""YuNet, OpenCV's face detector; its model is a file that the operator downloads.

Source: Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector" (2023).
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from analysis.recognition import framing
from analysis.recognition.detectors.base import make_detection
from analysis.recognition.errors import RecognitionError, gettext_noop
from analysis.recognition.faces import Detection, Image

_MAX_SIDE = 1280
"""Larger images are shrunk; the time grows with the number of pixels."""

_MIN_SCORE = 0.6
_SAME_FACE = 0.3
_MAX_FACES = 5000


class YuNet:
    """Finds faces with the ONNX file at `path`."""

    name = "yunet"
    frame = framing.YUNET

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            text = gettext_noop("Detector yunet: there is no file at YUNET_MODEL=%(path)s.")
            raise RecognitionError("detector_missing", text, path=str(path))
        # OpenCV warns about the default target at each start.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        try:
            self._network = cv2.FaceDetectorYN.create(str(path), "", (320, 320), _MIN_SCORE, _SAME_FACE, _MAX_FACES)
        except cv2.error as error:
            text = gettext_noop(
                "Detector yunet: OpenCV cannot read YUNET_MODEL=%(path)s. A face_detection_yunet_*.onnx is needed."
            )
            raise RecognitionError("detector_missing", text, path=str(path)) from error

    def detect(self, image: Image) -> list[Detection]:
        """Return the faces of an upright RGB image, uint8 (H, W, 3), by descending score."""
        height, width = image.shape[:2]
        scale = min(1.0, _MAX_SIDE / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = image if scale == 1 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        self._network.setInputSize(size)
        rows = self._network.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))[1]
        if rows is None:
            return []
        ratio = np.array([width / size[0], height / size[1]], np.float32)
        found = [_detection(row[:14].reshape(7, 2) * ratio, float(row[14]), image) for row in rows]
        return sorted((detection for detection in found if detection), key=lambda detection: -detection.score)


def _detection(points: npt.NDArray[np.float32], score: float, image: Image) -> Detection | None:
    """`points` is float32 (7, 2): the box's corner and size, then the landmarks."""
    points[1] += points[0]
    return make_detection(points, min(score, 1.0), image)
