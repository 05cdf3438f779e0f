"""The recognizer: a detector and a classifier; an encoded image in, faces out."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from analysis.recognition.bundle import SERVED, Bundle, local_bundle, read_shipped
from analysis.recognition.classifier import Classifier
from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.detectors.registry import DEFAULT_DETECTOR, create_detector, create_frame_detector
from analysis.recognition.detectors.sequence import FrameDetector, SequenceSearch
from analysis.recognition.detectors.store import PROGRAM_STORE
from analysis.recognition.errors import RecognitionError, optional
from analysis.recognition.faces import Box, Detection, Face, Image
from analysis.recognition.framing import crop, frame_side
from analysis.recognition.images import MAX_PIXELS
from analysis.recognition.marking import detect_marked, find_same
from analysis.recognition.pose import measure_pose
from analysis.recognition.quality import quality_warnings
from analysis.recognition.result import FrameFaces, Milliseconds, Recognition
from analysis.recognition.silenced_stderr import silenced_stderr
from analysis.recognition.sources import Source, checked_file, read_source
from analysis.recognition.threads import map_in_threads
from analysis.recognition.tracking.tracker import DEFAULT_SMOOTHING, Tracker

_S = TypeVar("_S", bound=Source)
_MAX_THREADS = 8


class Recognizer:
    """Finds and classifies the faces of an image. Not thread-safe: each thread makes its own."""

    def __init__(self, bundle: Bundle, detector: FaceDetector, *, max_pixels: int = MAX_PIXELS) -> None:
        self._bundle = bundle
        self._classifier = Classifier(bundle)
        self._detector = detector
        self._max_pixels = max_pixels

    @classmethod
    def default(cls) -> Recognizer:
        """Return a recognizer of the shipped version; raises `RecognitionError` where its files are not as shipped."""
        return cls.load(read_shipped(PROGRAM_STORE).default)

    @classmethod
    def load(cls, version: str, *, detector: str = DEFAULT_DETECTOR, store: Path = PROGRAM_STORE) -> Recognizer:
        """Return a recognizer of a version in the folder `store`.

        Raises `RecognitionError` of code "model_missing", "model_corrupt", "bad_version_name" or "detector_missing".
        """
        with silenced_stderr():
            return cls(local_bundle(store, version, files=SERVED), create_detector(detector))

    def recognize(self, source: Source, *, marks: Sequence[Box] = ()) -> Recognition:
        """Return the faces of a photo: encoded bytes, the path of a file, or an upright RGB array, uint8 (H, W, 3).

        Boxes are in the photo's upright pixels. Encoded photos are decoded by `images.decode_photo`, in this process
        and without a limit of time. Raises `RecognitionError` of its codes, and of "unreadable_file" or "bad_image".

        `marks` are boxes in which a person saw a face, in shares of the photo's width and height: those where none is
        found are classified, too.
        """
        started = time.perf_counter()
        photo = read_source(source, max_pixels=self._max_pixels)
        decode_ms = 1000 * (time.perf_counter() - started)
        found = self.recognize_image(photo.image, decode_ms=decode_ms, marks=marks)
        return found.scaled_to(photo.width, photo.height)

    def recognize_many(
        self, sources: Iterable[_S], *, threads: int | None = None
    ) -> Iterator[tuple[_S, Recognition | RecognitionError]]:
        """Yield each of `sources`, in their order, with its result or the error that `recognize` raises for it.

        At most two photos a thread are decoded or waiting to be yielded, however many there are. `threads` is the
        number of photos at once, by default the machine's cores up to 8; each has a network of its own.
        """
        own = threading.local()

        def recognize(source: _S) -> Recognition | RecognitionError:
            try:
                recognizer: Recognizer = getattr(own, "recognizer", None) or self._another()
                own.recognizer = recognizer
                return recognizer.recognize(source)
            except RecognitionError as error:
                return error

        yield from map_in_threads(recognize, sources, threads or min(os.cpu_count() or 1, _MAX_THREADS))

    def recognize_video(
        self, path: str | os.PathLike[str], *, smoothing: float = DEFAULT_SMOOTHING
    ) -> Iterator[FrameFaces]:
        """Yield the frames of an MP4, MOV or WebM file, at most 60 a second, with faces that keep their ids.

        One frame is in memory at a time; a process of its own decodes them. `smoothing` is that of `tracker.Tracker`.
        Raises `RecognitionError` of a code of `video.reader.MESSAGES`, "unreadable_file" or "not_installed".
        """
        with optional("PyAV", package="av"):
            from analysis.recognition.video.frames import VideoFrames

        sequence, tracker = SequenceSearch(), Tracker(smoothing=smoothing)
        with VideoFrames(checked_file(path)) as frames:
            for frame in frames:
                found = self.recognize_frame(frame.image, sequence, frame.at)
                yield FrameFaces(frame.at, frame.seconds, frame.image, tracker.update(found.faces, frame.at))

    def recognize_image(self, image: Image, *, decode_ms: float = 0.0, marks: Sequence[Box] = ()) -> Recognition:
        """Return the faces of an upright RGB image, uint8 (H, W, 3); `marks` as in `recognize`."""
        started = time.perf_counter()
        detections = self._detector.detect(image)
        marked = self._detect_marked(image, marks, detections)
        return self._recognize(image, [*detections, *marked], started, decode_ms, marked=marked)

    def recognize_frame(
        self, image: Image, sequence: SequenceSearch, at: float, *, decode_ms: float = 0.0
    ) -> Recognition:
        """Return the faces of a sequence's next frame, upright RGB, uint8 (H, W, 3), taken `at` seconds.

        In a fraction of a photo's time: it is searched by `sequence`, and faces are not classified mirrored as well.
        """
        started = time.perf_counter()
        detections = sequence.search(self._frame_detector, image, at)
        return self._recognize(image, detections, started, decode_ms, single_view=True)

    def _another(self) -> Recognizer:
        return Recognizer(self._bundle, create_detector(self._detector.name), max_pixels=self._max_pixels)

    def _detect_marked(self, image: Image, marks: Sequence[Box], found: Sequence[Detection]) -> list[Detection]:
        height, width = image.shape[:2]
        boxes = [mark.scaled(width, height) for mark in marks]
        return [detect_marked(image, box, self._detector) for box in boxes if find_same(box, found) is None]

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
        marked: Sequence[Detection] = (),
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
                is_marked=any(detection is each for each in marked),
            )
            for detection, face, row in zip(detections, crops, probabilities, strict=True)
        )
        classified = time.perf_counter()
        return Recognition(
            width=width,
            height=height,
            detector=self._detector.name,
            model=self._bundle.name,
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
