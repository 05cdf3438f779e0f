"""Search of a sequence's frames: about once a second the whole frame, in between only round the faces of the last."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.faces import Detection, Image

WHOLE_SECONDS = 1.0
"""Between two searches of the whole frame: how much later than it enters a further face may be found."""

_SAME_FACE = 0.3
"""Intersection over union from which two boxes are one face."""


class FrameDetector(Protocol):
    """Finds the faces of frames. Not thread-safe: each thread makes its own."""

    def detect(self, image: Image, *, is_coarse: bool = False) -> list[Detection]:
        """Return the faces of an upright RGB frame, uint8 (H, W, 3), by descending score.

        Where `is_coarse`, the smallest faces may be left out to save time.
        """
        ...

    def detect_near(self, image: Image, face: Detection) -> Detection | None:
        """Return where `face`, found in the frame before, is in `image`; None where that is not sure."""
        ...


class WholeFrames:
    """Searches every frame whole, with a detector that has no quicker way."""

    def __init__(self, detector: FaceDetector) -> None:
        self._detector = detector

    def detect(self, image: Image, *, is_coarse: bool = False) -> list[Detection]:
        return self._detector.detect(image)

    def detect_near(self, image: Image, face: Detection) -> Detection | None:
        return None


class SequenceSearch:
    """The faces of one sequence's last frame. Not thread-safe, but any thread's detector may search the next frame.

    The whole frame is searched while there are no faces, every `WHOLE_SECONDS`, and at once when a face is lost or two
    become one.
    """

    def __init__(self) -> None:
        self._faces: list[Detection] = []
        self._size = 0, 0
        self._searched_at = -math.inf

    def search(self, detector: FrameDetector, image: Image, at: float) -> list[Detection]:
        """Return the faces of the sequence's next frame, RGB, uint8 (H, W, 3), taken at `at` seconds."""
        if image.shape[:2] != self._size:
            self._faces, self._size = [], image.shape[:2]
        faces = None
        if 0 <= at - self._searched_at < WHOLE_SECONDS:
            faces = self._follow(detector, image)
        if faces is None:
            faces = self._search_whole(detector, image)
            self._searched_at = at
        self._faces = faces
        return faces

    def _follow(self, detector: FrameDetector, image: Image) -> list[Detection] | None:
        """Return the last frame's faces in `image`; None if there were none or not each is found."""
        found: list[Detection] = []
        for face in self._faces:
            near = detector.detect_near(image, face)
            if near is None or _is_among(near, found):
                return None
            found.append(near)
        return found or None

    def _search_whole(self, detector: FrameDetector, image: Image) -> list[Detection]:
        found = detector.detect(image, is_coarse=bool(self._faces))
        # A small face that the look at the whole frame misses would come and go.
        for face in self._faces:
            if not _is_among(face, found):
                near = detector.detect_near(image, face)
                if near and not _is_among(near, found):
                    found.append(near)
        return found


def _is_among(face: Detection, others: Sequence[Detection]) -> bool:
    return any(face.box.overlap(other.box) > _SAME_FACE for other in others)
