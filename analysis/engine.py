"""The process' recognition engine: a fixed pool of threads, each with its own recognizer.

Recognition never runs on the caller's thread: LiteRT's interpreters are neither thread-safe nor cheap to create, and
Django gives every request a thread of its own.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import cv2
from django.conf import settings

from analysis.recognition.bundle import Bundle
from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.detectors.shared import SharedDetector
from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Recognition
from analysis.recognition.photo_pool import PHOTO_SECONDS, PhotoPool
from analysis.recognition.recognizer import Recognizer
from analysis.recognition.renditions import RenderedPhoto
from analysis.versions.active import ServingModel
from ferproject.fair_queue import FairQueue

Result = TypeVar("Result")
Work = Callable[[Recognizer], Result]
BUSY = {"busy", "too_many_waiting"}
"""Codes of the errors of a full queue."""
BUSY_SECONDS = 0.2
FRAMES_PER_PHOTO = 8
"""Frames that are analysed before a photo that waits; about as long as the photo takes."""
SERVER_FAULTS = {"model_missing", "model_corrupt", "detector_missing"}
"""Codes of the errors that every other photo meets too."""


@dataclass(frozen=True, eq=False)
class _Job:
    work: Work[Any]
    future: Future[Any] = field(default_factory=Future)


class Engine:
    """Recognizes photos and frames on `threads` threads, while at most `queue` more of each wait.

    Their owners take turns, so that many photos of one delay another's by one photo at most; frames go before photos.
    At most `queue_per_owner` photos of one owner wait, by default as many as of all.

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
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="recognition")
        in_all = threads + queue
        self._photos_per_owner = min(threads + (queue_per_owner or queue), in_all)
        self._photo_queue: FairQueue[_Job] = FairQueue(per_owner=self._photos_per_owner, in_all=in_all)
        # How many frames of one owner wait is limited by the number of their connections.
        self._frame_queue: FairQueue[_Job] = FairQueue(per_owner=in_all, in_all=in_all)
        self._frames_since_photo = 0
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
        return self._submit(work, owner, self._photo_queue).result()

    def submit(self, work: Work[Result], *, owner: Hashable) -> Future[Result]:
        """Do as `run` without blocking, for the frames of live connections, which go before photos."""
        return self._submit(work, owner, self._frame_queue)

    def render_photo(self, data: bytes) -> RenderedPhoto:
        """Decode and render an uploaded photo in a child process; raises as `PhotoPool.render` does.

        Call it in the `work` of `run`, so that there are at most as many children as threads.
        """
        return self._photos.render(data)

    def warm_up(self) -> None:
        """Load the model on one thread and start a process for photos, so that the first request waits for neither."""
        self._pool.submit(self._photos.start)
        self._pool.submit(self._recognizer)

    def _submit(self, work: Work[Result], owner: Hashable, queue: FairQueue[_Job]) -> Future[Result]:
        job = _Job(work)
        refused = queue.put(job, owner)
        if refused is job:
            raise self._refusal(owner, queue)
        if refused is not None and refused.future.set_running_or_notify_cancel():
            refused.future.set_exception(_busy())
        # Each job brings a thread to the queue, which takes whose turn it is.
        self._pool.submit(self._run_next)
        return job.future

    def _refusal(self, owner: Hashable, queue: FairQueue[_Job]) -> RecognitionError:
        if queue is self._frame_queue or queue.unfinished(owner) < self._photos_per_owner:
            return _busy()
        message = (
            f"{self._photos_per_owner} of your photos are being analysed or wait; send the next after one of them."
        )
        return RecognitionError("too_many_waiting", message, retryable=True)

    def _run_next(self) -> None:
        """Do the work of the owner whose turn it is, if any is left."""
        queues = [self._frame_queue, self._photo_queue]
        if self._frames_since_photo >= FRAMES_PER_PHOTO:
            queues.reverse()
        for queue in queues:
            if (taken := queue.take()) is not None:
                self._frames_since_photo = self._frames_since_photo + 1 if queue is self._frame_queue else 0
                self._run_job(*taken, queue)
                return

    def _run_job(self, owner: Hashable, job: _Job, queue: FairQueue[_Job]) -> None:
        if not job.future.set_running_or_notify_cancel():
            queue.done(owner)
            return
        try:
            result = job.work(self._recognizer())
        except BaseException as error:
            queue.done(owner)
            job.future.set_exception(error)
        else:
            # Before the result: its receiver may send the next job at once.
            queue.done(owner)
            job.future.set_result(result)

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


def _busy() -> RecognitionError:
    return RecognitionError("busy", "Many photos are being analysed just now; try again shortly.", retryable=True)


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


def recognize(data: bytes, *, owner: Hashable) -> Recognition:
    """Return the faces of an encoded image; raises as `Engine.run` and `Recognizer.recognize` do."""
    return run(lambda recognizer: recognizer.recognize(data), owner=owner)


def run(work: Work[Result], *, owner: Hashable) -> Result:
    """`Engine.run` on this process' engine."""
    return get_engine().run(work, owner=owner)


def render_photo(data: bytes) -> RenderedPhoto:
    """`Engine.render_photo` on this process' engine."""
    return get_engine().render_photo(data)


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
