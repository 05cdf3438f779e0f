"""Writing a video that browsers play: VP8 in WebM, without sound."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from analysis.recognition.faces import Image
from analysis.recognition.video.decoder import VideoInfo


class VideoWriter:
    """Writes frames at the times they have: one is shown until the next one's time. A context manager.

    `waiting` is called for each frame that only fills the time until the next one, of which there may be very many,
    and may raise to give up.
    """

    def __init__(self, path: Path, info: VideoInfo, *, waiting: Callable[[], None] = lambda: None) -> None:
        self._waiting = waiting
        self._fps = info.fps
        self._size = info.frame_width, info.frame_height
        self._written = 0
        self._last: Image | None = None
        # OpenCV's wheel cannot write H.264; VP8 is what every browser plays and it can write.
        code = cv2.VideoWriter.fourcc(*"VP80")
        self._writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, code, self._fps, self._size)
        if not self._writer.isOpened():
            raise OSError(f"{path}: no VP8 video of {self._size[0]} x {self._size[1]} pixels can be written there")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def write(self, image: Image, at: float) -> None:
        """Append an upright RGB picture, uint8 (H, W, 3), to be seen from `at` seconds on; times only ever grow."""
        place = max(round(at * self._fps), self._written)
        while self._last is not None and self._written < place:
            self._waiting()
            self._append(self._last)
        frame = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), np.uint8)
        self._append(frame)
        self._last = frame

    def close(self) -> None:
        self._writer.release()

    def _append(self, image: Image) -> None:
        self._writer.write(image)
        self._written += 1
