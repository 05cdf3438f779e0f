"""The process' recognition engine: a fixed pool of threads, each with its own recognizer.

Recognition never runs on the caller's thread: LiteRT's interpreters are neither thread-safe nor cheap to create, and
Django gives every request a thread of its own.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import TypeVar

import cv2
from django.conf import settings

from analysis.recognition.bundle import Bundle
from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.detectors.shared import SharedDetector
from analysis.recognition.errors import RecognitionError, gettext_noop
from analysis.recognition.faces import Box
from analysis.recognition.photo_pool import PHOTO_SECONDS, PhotoPool
from analysis.recognition.recognizer import Recognizer
from analysis.recognition.renditions import RenderedPhoto
from analysis.recognition.result import Recognition
from analysis.versions.active import ServingModel
from ferproject.fair_pool import FairPool

Result = TypeVar("Result")
Work = Callable[[Recognizer], Result]
BUSY = {"busy", "too_many_waiting"}
"""Codes of the errors of a full queue."""
BUSY_SECONDS = 0.2
SERVER_FAULTS = {"model_missing", "model_corrupt", "detector_missing"}
"""Codes of the errors that every other photo meets too."""


class Engine:
    """Recognizes photos and live frames on threads of their own, of each at most `threads` of one owner at once.

    At most `queue` more of each wait, `queue_per_owner` photos of one owner, by default as many as of all. Owners take
    turns, so that many photos of one delay another's by one photo at most.

    It looks up the active model version every `refresh_seconds`; with 0, the shipped default serves.
    """

    def __init__(
        self,
        *,
        store: Path,
        detector: str,
        threads: int,
        queue: int,
        max_pixels: int,
        photo_seconds: float = PHOTO_SECONDS,
        queue_per_owner: int | None = None,
        refresh_seconds: float = 0.0,
    ) -> None:
        self._model = ServingModel(store=store, refresh_seconds=refresh_seconds)
        self._detector = detector
        self._detectors: list[SharedDetector] = []
        # Each searches a photo on two threads: half as many keep every core busy, in half the memory.
        self._max_detectors = max(1, threads // 2)
        self._detectors_lock = threading.Lock()
        self._thread_numbers = itertools.count()
        self._max_pixels = max_pixels
        self._photos = PhotoPool(max_pixels=max_pixels, seconds=photo_seconds)
        # A part of a live frame is too small for OpenCV's own threads: waking them took a tenth of the time of a frame.
        cv2.setNumThreads(1)
        in_all = threads + queue
        # A thread more than one owner's photos may have: another's does not wait for one that takes long.
        self._photo_threads = FairPool(
            threads + 1,
            threads_per_owner=threads,
            per_owner=min(threads + (queue_per_owner or queue), in_all),
            in_all=in_all,
            refusal=_refusal,
            name="photos",
        )
        # How many frames of one owner wait is limited by the number of their connections.
        self._frame_threads = FairPool(threads, per_owner=in_all, in_all=in_all, refusal=_refusal, name="frames")
        self._thread_local = threading.local()

    def active_model(self) -> Bundle:
        """Return the active version, verified; raise `RecognitionError` where its files are not as pinned."""
        return self._model.bundle()

    def ready_model(self) -> Bundle:
        """Return what `active_model` does; raise `RecognitionError` also where the detector cannot be created."""
        bundle = self.active_model()
        self._shared_detector(0)
        return bundle

    def refresh(self) -> None:
        """Look up the active version now."""
        self._model.refresh()

    def run(self, work: Work[Result], *, owner: Hashable) -> Result:
        """Return what `work` returns for one thread's recognizer; blocks until it is the turn of `owner`.

        Decode images in `work`, uploaded ones with `render_photo`, so that only as many as there are threads are in
        memory at once. Raises what `work` and loading the model raise, and retryable `RecognitionError`s: of code
        "too_many_waiting" where too many of the owner wait already, and "busy" where too many of all do and the owner
        has most.
        """
        return self._photo_threads.submit(lambda: work(self._recognizer()), owner).result()

    def submit(self, work: Work[Result], *, owner: Hashable) -> Future[Result]:
        """Do as `run` without blocking, for the frames of live connections."""
        return self._frame_threads.submit(lambda: work(self._recognizer()), owner)

    def render_photo(self, data: bytes, *, reads_time: bool = False) -> RenderedPhoto:
        """Decode and render an uploaded photo in a child process; raises as `PhotoPool.render` does.

        Call it in the `work` of `run`, so that there are at most as many children as threads.
        """
        return self._photos.render(data, reads_time=reads_time)

    def warm_up(self) -> None:
        """Load the model on one thread and start a process for photos, so that the first request waits for neither."""
        self._photo_threads.start(self._photos.start)
        self._photo_threads.start(self._recognizer)

    def count_waiting(self) -> dict[str, int]:
        """Return how many photos and frames wait for a thread."""
        return {"photos": len(self._photo_threads), "frames": len(self._frame_threads)}

    def _recognizer(self) -> Recognizer:
        """Return this thread's recognizer, created again when another version became active."""
        bundle = self.active_model()
        loaded: tuple[Bundle, Recognizer] | None = getattr(self._thread_local, "loaded", None)
        if loaded is None or loaded[0] is not bundle:
            loaded = (bundle, Recognizer(bundle, self._get_detector(), max_pixels=self._max_pixels))
            self._thread_local.loaded = loaded
        return loaded[1]

    def _get_detector(self) -> FaceDetector:
        """Return this thread's detector, which is used with every version."""
        detector: FaceDetector | None = getattr(self._thread_local, "detector", None)
        if detector is None:
            detector = self._thread_local.detector = self._shared_detector(next(self._thread_numbers))
        return detector

    def _shared_detector(self, number: int) -> SharedDetector:
        """Return the detector of thread `number`, created where no thread has used it yet."""
        index = number % self._max_detectors
        with self._detectors_lock:
            while len(self._detectors) <= index:
                self._detectors.append(SharedDetector(create_detector(self._detector)))
            return self._detectors[index]


def _refusal(is_own: bool) -> RecognitionError:
    if is_own:
        text = gettext_noop("Too many of your photos are waiting. Upload the next one when one of them is done.")
        return RecognitionError("too_many_waiting", text, retryable=True)
    text = gettext_noop("The server is analysing many photos. Try again in a moment.")
    return RecognitionError("busy", text, retryable=True)


@cache
def get_engine() -> Engine:
    """Return this process' engine."""
    return Engine(
        store=settings.MODELS_STORE,
        detector=settings.FACE_DETECTOR,
        threads=settings.RECOGNITION_THREADS,
        queue=settings.RECOGNITION_QUEUE,
        queue_per_owner=settings.RECOGNITION_QUEUE_PER_USER,
        max_pixels=settings.PHOTO_MAX_PIXELS,
        photo_seconds=settings.PHOTO_MAX_SECONDS,
        refresh_seconds=settings.MODEL_REFRESH_SECONDS,
    )


def recognize(data: bytes, *, owner: Hashable, marks: Sequence[Box] = ()) -> Recognition:
    """Return the faces of an encoded image; raises as `Engine.run` and `Recognizer.recognize` do."""
    return run(lambda recognizer: recognizer.recognize(data, marks=marks), owner=owner)


def run(work: Work[Result], *, owner: Hashable) -> Result:
    """`Engine.run` on this process' engine."""
    return get_engine().run(work, owner=owner)


def render_photo(data: bytes, *, reads_time: bool = False) -> RenderedPhoto:
    """`Engine.render_photo` on this process' engine."""
    return get_engine().render_photo(data, reads_time=reads_time)


def retry_while_busy(recognize: Callable[[], Result]) -> Result:
    """Return what `recognize` returns, retried while too many photos wait; for workers, which can wait, too."""
    while True:
        try:
            return recognize()
        except RecognitionError as error:
            if error.code not in BUSY:
                raise
        time.sleep(BUSY_SECONDS)


def submit(work: Work[Result], *, owner: Hashable) -> Future[Result]:
    """`Engine.submit` on this process' engine."""
    return get_engine().submit(work, owner=owner)


def active_model() -> Bundle:
    """`Engine.active_model` on this process' engine."""
    return get_engine().active_model()


def ready_model() -> Bundle:
    """`Engine.ready_model` on this process' engine."""
    return get_engine().ready_model()


def warm_up() -> None:
    """`Engine.warm_up` on this process' engine; see `settings.SERVER_STARTED`."""
    get_engine().warm_up()
