"""One detector for several threads."""

from __future__ import annotations

import threading

from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.faces import Detection, Image


class SharedDetector:
    """A detector that threads use in turn: while one searches, the others wait."""

    def __init__(self, detector: FaceDetector) -> None:
        self.name = detector.name
        self.frame = detector.frame
        self._detector = detector
        self._lock = threading.Lock()

    def detect(self, image: Image) -> list[Detection]:
        with self._lock:
            return self._detector.detect(image)
