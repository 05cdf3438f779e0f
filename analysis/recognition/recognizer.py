"""A detector and a classifier joined: encoded picture in, faces out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from analysis.recognition.bundle import Bundle
from analysis.recognition.classifier import Classifier
from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.faces import Box, Detection, Face, Image, Milliseconds, Recognition
from analysis.recognition.framing import Frame, crop, frame_side, turn
from analysis.recognition.images import MAX_PIXELS, decode
from analysis.recognition.quality import Crop, Doubt, picture_doubts
from analysis.recognition.tracking.prediction import Foresight


class Recognizer:
    """Not thread-safe: each thread makes its own."""

    def __init__(self, bundle: Bundle, detector: FaceDetector, *, max_pixels: int = MAX_PIXELS) -> None:
        self._model = bundle.name
        self._classifier = Classifier(bundle)
        self._detector = detector
        self._max_pixels = max_pixels

    def recognize(self, data: bytes) -> Recognition:
        """Return every face of an encoded picture; raise `RecognitionError` as `images.decode` does."""
        start = time.perf_counter()
        image = decode(data, max_pixels=self._max_pixels)
        return self._recognize(image, decode_seconds=time.perf_counter() - start)

    def recognize_image(self, image: Image) -> Recognition:
        """Return every face of an upright RGB picture, uint8 (H, W, 3)."""
        return self._recognize(image, decode_seconds=0.0)

    def recognize_frame(self, image: Image, foresight: Foresight, at: float) -> Recognition:
        """Return every face of a video's next frame, taken `at` seconds; it is searched where nothing was foreseen."""

        def detect(image: Image) -> list[Detection]:
            size = image.shape[1], image.shape[0]
            detections = foresight.expect(at, size)
            if detections is None:
                detections = self._detector.detect(image)
                foresight.note(detections, at, size)
            return detections

        return self._recognize(image, decode_seconds=0.0, detect=detect)

    def _recognize(
        self, image: Image, *, decode_seconds: float, detect: Callable[[Image], list[Detection]] | None = None
    ) -> Recognition:
        started = time.perf_counter()
        found = (detect or self._detector.detect)(image)
        detections = sorted(found, key=lambda each: each.box.x + each.box.width / 2)
        detected = time.perf_counter()
        crops = crop(image, detections, self._detector.frame)
        probabilities = self._classifier.classify(crops)
        doubts = [_doubts(each, found, self._detector.frame) for each, found in zip(crops, detections, strict=True)]
        classified = time.perf_counter()
        height, width = image.shape[:2]
        return Recognition(
            width=width,
            height=height,
            model=self._model,
            faces=_faces(detections, probabilities, doubts, width, height),
            milliseconds=Milliseconds(
                decode=1000 * decode_seconds,
                detect=1000 * (detected - started),
                classify=1000 * (classified - detected),
            ),
        )


def _doubts(crop: Crop, detection: Detection, frame: Frame) -> tuple[Doubt, ...]:
    return picture_doubts(crop, side=frame_side(detection, frame), turn=turn(detection))


def _faces(
    detections: Sequence[Detection],
    probabilities: npt.NDArray[np.float32],
    doubts: Sequence[tuple[Doubt, ...]],
    width: int,
    height: int,
) -> tuple[Face, ...]:
    return tuple(
        Face(_clipped(detection.box, width, height), detection.score, tuple(row.tolist()), doubted)
        for detection, row, doubted in zip(detections, probabilities, doubts, strict=True)
    )


def _clipped(box: Box, width: int, height: int) -> Box:
    left, top = max(box.x, 0.0), max(box.y, 0.0)
    right, bottom = min(box.x + box.width, width), min(box.y + box.height, height)
    return Box(left, top, right - left, bottom - top)
