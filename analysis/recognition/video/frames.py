"""A video's frames, one after the other, decoded in a process of their own."""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np

from analysis.recognition.child_process import start_child
from analysis.recognition.errors import RecognitionError
from analysis.recognition.video.budget import MAX_PIXELS
from analysis.recognition.video.decoder import END, FAILED, TIMES
from analysis.recognition.video.reader import VideoFrame, VideoInfo, video_error

TIMEOUT_SECONDS = 30.0
"""A decoder that writes nothing for this long is considered stuck."""
_POLL_MILLISECONDS = 250
_HEADER_BYTES = 1000


class VideoFrames(AbstractContextManager["VideoFrames"]):
    """Iterates once over a video's frames, each of the size in `info`; a context manager.

    `on_wait` is called about four times a second while no frame is ready, and may raise to stop. A fault of the file
    raises a `RecognitionError` of a code of `reader.MESSAGES`, or of "too_costly" where the frames have more than
    `max_pixels` together.
    """

    def __init__(
        self,
        path: Path,
        *,
        max_pixels: int = MAX_PIXELS,
        timeout: float = TIMEOUT_SECONDS,
        on_wait: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_wait = on_wait
        self._timeout = timeout
        self._decoder = start_child("analysis.recognition.video.decoder", str(path.resolve()), str(max_pixels))
        try:
            self.info = VideoInfo(**self._read_line())
        except BaseException:
            self.close()
            raise

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        self._decoder.kill()
        self._decoder.wait()
        assert self._decoder.stdout is not None
        self._decoder.stdout.close()

    def __iter__(self) -> Iterator[VideoFrame]:
        shape = self.info.frame_height, self.info.frame_width, 3
        while True:
            at, seconds = TIMES.unpack(self._read(TIMES.size))
            if at == END:
                return
            if at == FAILED:
                self._read_line()
            image = np.frombuffer(self._read(shape[0] * shape[1] * shape[2]), np.uint8)
            yield VideoFrame(at, seconds, image.reshape(shape))

    def _read_line(self) -> dict[str, Any]:
        """Return the next line of JSON; raise the error that it names."""
        line = bytearray()
        while not line.endswith(b"\n") and len(line) < _HEADER_BYTES:
            line += self._read(1)
        header: dict[str, Any] = json.loads(line)
        if "error" in header:
            raise RecognitionError(**header["error"])
        return header

    def _read(self, size: int) -> bytearray:
        """Return exactly `size` bytes of the decoder's output."""
        data = bytearray(size)
        view, done = memoryview(data), 0
        assert self._decoder.stdout is not None
        pipe = self._decoder.stdout.fileno()
        while done < size:
            self._wait_for(pipe)
            count = os.readv(pipe, [view[done:]])
            if not count:
                raise video_error("decoder_crashed")
            done += count
        return data

    def _wait_for(self, pipe: int) -> None:
        end = time.monotonic() + self._timeout
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        while not poll.poll(_POLL_MILLISECONDS):
            self._on_wait()
            if time.monotonic() > end:
                raise video_error("decoder_stuck")
