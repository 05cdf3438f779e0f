"""Sources of a client's frames: a video file in real time, or a camera, which OpenCV reads."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Image
from analysis.recognition.video.reader import ASSUMED_FPS, MAX_FPS, VideoFrame, VideoReader, even_size

MAX_SIDE = 960
"""Pixels along the longer side of a frame."""


class SourceError(Exception):
    """A source cannot be read; the message says what was expected."""


class FrameSource(Protocol):
    """Yields frames in real time, each of the same size."""

    def next(self, now: float) -> VideoFrame | None:
        """Return the frame shown at `now` seconds, or the next one, which may be due later; None at the end. Blocks."""
        ...

    def close(self) -> None: ...


class VideoFile:
    """A video file in real time: frames that are over by the time they are read are skipped, as with a camera."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            kind = "a folder" if path.is_dir() else "no file"
            raise SourceError(f"{path}: expected a video file, or a camera's number; there is {kind} of that name.")
        try:
            self._reader = VideoReader(path, frame_side=MAX_SIDE)
        except RecognitionError as error:
            raise SourceError(f"{path}: {error.message}") from error

    def next(self, now: float) -> VideoFrame | None:
        return self._reader.next(now)

    def close(self) -> None:
        self._reader.close()


class Camera:
    """A camera of this machine, by its number; the first is 0."""

    def __init__(self, number: int) -> None:
        self._capture = cv2.VideoCapture(number)
        if not self._capture.isOpened():
            raise SourceError(
                f"Camera {number}: expected the number of a connected camera that nothing else uses; "
                "OpenCV cannot open it."
            )
        # Queued frames would be stale.
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self._seconds = 1 / fps if 1 <= fps <= MAX_FPS else 1 / ASSUMED_FPS
        self._start: float | None = None

    def next(self, now: float) -> VideoFrame | None:
        done, image = self._capture.read()
        if not done:
            return None
        taken = time.perf_counter()
        self._start = taken if self._start is None else self._start
        return VideoFrame(taken - self._start, self._seconds, _rgb(image))

    def close(self) -> None:
        self._capture.release()


def open_source(name: str) -> FrameSource:
    """Return a camera if `name` is a number, else a video file; raise `SourceError` if it cannot be read."""
    return Camera(int(name)) if name.isdecimal() else VideoFile(Path(name))


def _rgb(image: np.ndarray) -> Image:
    height, width = image.shape[:2]
    size = even_size(width, height, MAX_SIDE)
    if size != (width, height):
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
