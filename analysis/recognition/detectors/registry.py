"""Registry of the face detectors, by name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.detectors.sequence import FrameDetector, WholeFrames
from analysis.recognition.errors import RecognitionError

DEFAULT_DETECTOR = "centerface"


def _centerface() -> FaceDetector:
    from analysis.recognition.detectors.centerface import CenterFace

    return CenterFace()


def _yunet() -> FaceDetector:
    from analysis.recognition.detectors.yunet import YuNet

    path = os.environ.get("YUNET_MODEL", "")
    if not path:
        raise RecognitionError(
            "detector_missing", "Detector yunet: expected YUNET_MODEL=path/to/face_detection_yunet.onnx; it is not set."
        )
    return YuNet(Path(path))


DETECTORS: dict[str, Callable[[], FaceDetector]] = {
    "centerface": _centerface,
    "yunet": _yunet,
}


def create_detector(name: str) -> FaceDetector:
    """Return a new detector; raise `RecognitionError` of code "detector_missing" if it is not available."""
    if name not in DETECTORS:
        raise RecognitionError("detector_missing", f"Detector: expected one of {', '.join(DETECTORS)}; got {name!r}.")
    return DETECTORS[name]()


def create_frame_detector(detector: FaceDetector) -> FrameDetector:
    """Return what searches a sequence's frames, with the same boxes as `detector`; raises as `create_detector`."""
    if detector.name != "centerface":
        return WholeFrames(detector)
    from analysis.recognition.detectors.centerface_frames import CenterFaceFrames

    return CenterFaceFrames()
