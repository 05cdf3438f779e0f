"""Registry of the face detectors, by name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.detectors.sequence import FrameDetector, WholeFrames
from analysis.recognition.errors import RecognitionError, gettext_noop

DEFAULT_DETECTOR = "centerface"


def _centerface() -> FaceDetector:
    from analysis.recognition.detectors.centerface import CenterFace

    return CenterFace()


def _yunet() -> FaceDetector:
    from analysis.recognition.detectors.yunet import YuNet

    path = os.environ.get("YUNET_MODEL", "")
    if not path:
        text = gettext_noop("The detector yunet needs YUNET_MODEL=path/to/face_detection_yunet.onnx, which is not set.")
        raise RecognitionError("detector_missing", text)
    return YuNet(Path(path))


DETECTORS: dict[str, Callable[[], FaceDetector]] = {
    "centerface": _centerface,
    "yunet": _yunet,
}


def create_detector(name: str) -> FaceDetector:
    """Return a new detector; raise `RecognitionError` of code "detector_missing" if it is not available."""
    if name not in DETECTORS:
        text = gettext_noop("There is no detector “%(name)s”. Choose one of: %(detectors)s.")
        raise RecognitionError("detector_missing", text, name=name, detectors=", ".join(DETECTORS))
    return DETECTORS[name]()


def create_frame_detector(detector: FaceDetector) -> FrameDetector:
    """Return what searches a sequence's frames, with the same boxes as `detector`; raises as `create_detector`."""
    if detector.name != "centerface":
        return WholeFrames(detector)
    from analysis.recognition.detectors.centerface_frames import CenterFaceFrames

    return CenterFaceFrames()
