"""The recognizer: a detector and a classifier; an encoded image in, faces out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cached_property

from analysis.recognition.bundle import Bundle
from analysis.recognition.classifier import Classifier
from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.detectors.registry import create_frame_detector
from analysis.recognition.detectors.sequence import FrameDetector, SequenceSearch
from analysis.recognition.faces import Box, Detection, Face, Image, Milliseconds, Recognition
from analysis.recognition.framing import crop, frame_side
from analysis.recognition.images import MAX_PIXELS, decode_photo
from analysis.recognition.pose import measure_pose
from analysis.recognition.quality import quality_warnings


class Recognizer:
    """Finds and classifies the faces of an image. Not thread-safe: each thread makes its own."""

    def __init__(self, bundle: Bundle, detector: FaceDetector, *, max_pixels: int = MAX_PIXELS) -> None:
        self._model = bundle.name
        self._classifier = Classifier(bundle)
        self._detector = detector
        self._max_pixels = max_pixels

    def recognize(self, data: bytes) -> Recognition:
        """Return the faces of an encoded photo, with boxes in its pixels.

        They are found in the image that `images.decode_photo` returns, and errors are raised as it does.
        """
        started = time.perf_counter()
        photo = decode_photo(data, max_pixels=self._max_pixels)
        decode_ms = 1000 * (time.perf_counter() - started)
        return self.recognize_image(photo.image, decode_ms=decode_ms).scaled_to(photo.width, photo.height)

    def recognize_image(self, image: Image, *, decode_ms: float = 0.0) -> Recognition:
        """Return the faces of an upright RGB image, uint8 (H, W, 3)."""
        started = time.perf_counter()
        detections = self._detector.detect(image)
        return self._recognize(image, detections, started, decode_ms)

    def recognize_frame(
        self, image: Image, sequence: SequenceSearch, at: float, *, decode_ms: float = 0.0
    ) -> Recognition:
        """Return the faces of a sequence's next frame, upright RGB, uint8 (H, W, 3), taken `at` seconds.

        In a fraction of a photo's time: it is searched by `sequence`, and faces are not classified mirrored as well.
        """
        started = time.perf_counter()
        detections = sequence.search(self._frame_detector, image, at)
        return self._recognize(image, detections, started, decode_ms, single_view=True)

    @cached_property
    def _frame_detector(self) -> FrameDetector:
        return create_frame_detector(self._detector)

    def _recognize(
        self,
        image: Image,
        detections: Sequence[Detection],
        started: float,
        decode_ms: float,
        *,
        single_view: bool = False,
    ) -> Recognition:
        detected = time.perf_counter()
        detections = sorted(detections, key=lambda found: found.box.centre[0])
        frame, (height, width) = self._detector.frame, image.shape[:2]
        crops = crop(image, detections, frame)
        probabilities = self._classifier.classify(crops, single_view=single_view)
        faces = tuple(
            Face(
                box=_clipped(detection.box, width, height),
                score=detection.score,
                probabilities=tuple(row.tolist()),
                quality_warnings=quality_warnings(
                    face, side=frame_side(detection, frame), pose=measure_pose(detection, (width, height))
                ),
            )
            for detection, face, row in zip(detections, crops, probabilities, strict=True)
        )
        classified = time.perf_counter()
        return Recognition(
            width=width,
            height=height,
            detector=self._detector.name,
            model=self._model,
            faces=faces,
            milliseconds=Milliseconds(
                decode=decode_ms,
                detect=1000 * (detected - started),
                classify=1000 * (classified - detected),
            ),
        )


def _clipped(box: Box, width: int, height: int) -> Box:
    left, top = max(box.x, 0.0), max(box.y, 0.0)
    right, bottom = min(box.x + box.width, width), min(box.y + box.height, height)
    return Box(left, top, right - left, bottom - top)
