"""Writes videos that browsers play: VP8 in WebM, without sound."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import cv2
import numpy as np

from analysis.recognition.faces import Image
from analysis.recognition.video.decoder import VideoInfo


class VideoWriter(AbstractContextManager["VideoWriter"]):
    """Writes frames at their times, each shown until the next one's time. A context manager.

    `on_wait` is called for each frame that only fills a gap, of which there may be very many, and may raise to stop.
    """

    def __init__(self, path: Path, info: VideoInfo, *, on_wait: Callable[[], None] = lambda: None) -> None:
        self._on_wait = on_wait
        self._fps = info.fps
        self._written = 0
        self._last: Image | None = None
        size = info.frame_width, info.frame_height
        # OpenCV's wheel cannot write H.264; every browser plays VP8.
        self._writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"VP80"), self._fps, size)
        if not self._writer.isOpened():
            raise OSError(f"{path}: no VP8 video of {size[0]} x {size[1]} pixels can be written there")

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def write(self, image: Image, at: float) -> None:
        """Append an upright RGB image, uint8 (H, W, 3), shown from `at` seconds on; times must increase."""
        place = max(round(at * self._fps), self._written)
        while self._last is not None and self._written < place:
            self._on_wait()
            self._append(self._last)
        self._last = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), np.uint8)
        self._append(self._last)

    def close(self) -> None:
        self._writer.release()

    def _append(self, image: Image) -> None:
        self._writer.write(image)
        self._written += 1
