"""Recognition for this process: a fixed pool of threads, each with its own recognizer.

LiteRT's interpreters are neither thread-safe nor cheap to make, and Django gives every request a thread of
its own; so recognition never runs on the caller's thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TypeVar

from django.conf import settings

from analysis.recognition.bundle import Bundle, shipped_default
from analysis.recognition.detectors import create_detector
from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Recognition
from analysis.recognition.recognizer import Recognizer

Result = TypeVar("Result")


class Engine:
    """Recognizes photos on `threads` threads, while at most `queue` more wait."""

    def __init__(self, *, store: Path, detector: str, threads: int, queue: int, max_pixels: int) -> None:
        self._store = store
        self._detector = detector
        self._max_pixels = max_pixels
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="recognition")
        self._places = threading.BoundedSemaphore(threads + queue)
        self._own = threading.local()
        self._bundle: Bundle | None = None
        self._loading = threading.Lock()

    def active_model(self) -> Bundle:
        """Return the version that serves, verified; raise `RecognitionError` when its files are not as pinned."""
        with self._loading:
            if self._bundle is None:
                self._bundle = shipped_default(self._store)
            return self._bundle

    def recognize(self, data: bytes) -> Recognition:
        """Return every face of an encoded picture; blocks.

        Raises `RecognitionError`: of code "busy" (retryable) when too many wait already, or whatever decoding,
        detecting and loading raise.
        """
        return self.run(lambda recognizer: recognizer.recognize(data))

    def run(self, work: Callable[[Recognizer], Result]) -> Result:
        """Return what `work` makes with one thread's recognizer; blocks, and raises as `recognize` does.

        For whatever else holds a decoded picture: so many of those as there are threads are in memory at once.
        """
        return self._submit(work).result()

    def warm_up(self) -> None:
        """Load the model on one thread, so that the first visitor does not wait for it."""
        self._pool.submit(self._recognizer)

    def _submit(self, work: Callable[[Recognizer], Result]) -> Future[Result]:
        if not self._places.acquire(blocking=False):
            message = "Many photos are being analysed just now; try again shortly."
            raise RecognitionError("busy", message, retryable=True)
        try:
            future = self._pool.submit(lambda: work(self._recognizer()))
        except BaseException:
            self._places.release()
            raise
        future.add_done_callback(lambda _: self._places.release())
        return future

    def _recognizer(self) -> Recognizer:
        """Return this thread's recognizer, made anew when another version became active."""
        bundle = self.active_model()
        own: tuple[Bundle, Recognizer] | None = getattr(self._own, "recognizer", None)
        if own is None or own[0] is not bundle:
            own = (bundle, Recognizer(bundle, create_detector(self._detector), max_pixels=self._max_pixels))
            self._own.recognizer = own
        return own[1]


@cache
def get_engine() -> Engine:
    """Return this process' engine."""
    return Engine(
        store=settings.MODELS_STORE,
        detector=settings.FACE_DETECTOR,
        threads=settings.RECOGNITION_THREADS,
        queue=settings.RECOGNITION_QUEUE,
        max_pixels=settings.PHOTO_MAX_PIXELS,
    )


def recognize(data: bytes) -> Recognition:
    """`Engine.recognize` on this process' engine."""
    return get_engine().recognize(data)


def run(work: Callable[[Recognizer], Result]) -> Result:
    """`Engine.run` on this process' engine."""
    return get_engine().run(work)


def active_model() -> Bundle:
    """`Engine.active_model` on this process' engine."""
    return get_engine().active_model()
