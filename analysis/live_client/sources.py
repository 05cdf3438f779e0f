"""Where a client's frames come from: a video file at its own pace, or a camera; by OpenCV."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from analysis.recognition.faces import Image

MAX_SIDE = 960
"""Pixels along the longer side of what comes out; even, because VP8 halves both sides for its colours."""
ASSUMED_FPS, MOST_FPS = 30.0, 60.0


class SourceError(Exception):
    """There is nothing to read; the message says what was expected."""


@dataclass(frozen=True)
class Picture:
    """One frame: `at` seconds after the first, upright RGB, uint8 (H, W, 3)."""

    at: float
    image: Image


class FrameSource(Protocol):
    """Yields frames in real time, each of the same size."""

    fps: float

    def next(self, now: float) -> Picture | None:
        """Return the next frame not over at `now` seconds, which may be due later; None in the end. Blocks."""
        ...

    def close(self) -> None: ...


class VideoFile:
    """A video at its own pace: whoever asks late misses the frames in between, as with a camera."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            kind = "a folder" if path.is_dir() else "no file"
            raise SourceError(f"{path}: expected a video file, or a camera's number; there is {kind} of that name.")
        self._capture = cv2.VideoCapture(str(path))
        if not self._capture.isOpened() or not self._capture.grab():
            raise SourceError(f"{path}: expected a video; OpenCV finds no picture that it can read in it.")
        self.fps = _fps(self._capture)
        self._start = self._told()
        self._at = 0.0
        self._is_first = True

    def next(self, now: float) -> Picture | None:
        while self._grab():
            if self._at + 1 / self.fps >= now:
                done, image = self._capture.retrieve()
                if done:
                    return Picture(self._at, _rgb(image))
        return None

    def close(self) -> None:
        self._capture.release()

    def _grab(self) -> bool:
        if self._is_first:
            self._is_first = False
            return True
        if not self._capture.grab():
            return False
        at = self._told() - self._start
        # Some files tell no times, or the same for many frames.
        self._at = at if math.isfinite(at) and at > self._at else self._at + 1 / self.fps
        return True

    def _told(self) -> float:
        return float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000


class Camera:
    """A camera of this machine, by its number; the first is 0."""

    def __init__(self, number: int) -> None:
        self._capture = cv2.VideoCapture(number)
        if not self._capture.isOpened():
            raise SourceError(
                f"Camera {number}: expected the number of a connected camera that nothing else uses; "
                "OpenCV cannot open it."
            )
        # Frames that wait in a queue are seen late.
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self.fps = _fps(self._capture)
        self._start: float | None = None

    def next(self, now: float) -> Picture | None:
        done, image = self._capture.read()
        if not done:
            return None
        taken = time.perf_counter()
        self._start = taken if self._start is None else self._start
        return Picture(taken - self._start, _rgb(image))

    def close(self) -> None:
        self._capture.release()


def open_source(name: str) -> FrameSource:
    """Return a camera where `name` is a number, else a video file; raise `SourceError` where there is none."""
    return Camera(int(name)) if name.isdecimal() else VideoFile(Path(name))


def _fps(capture: cv2.VideoCapture) -> float:
    told = capture.get(cv2.CAP_PROP_FPS)
    return min(told, MOST_FPS) if math.isfinite(told) and 1 <= told <= 240 else ASSUMED_FPS


def _rgb(image: np.ndarray) -> Image:
    height, width = image.shape[:2]
    scale = min(1.0, MAX_SIDE / max(height, width))
    even = [max(2, round(side * scale / 2) * 2) for side in (width, height)]
    if even != [width, height]:
        image = cv2.resize(image, even, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
