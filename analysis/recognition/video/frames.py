"""A video's frames, one after the other, decoded in a process of their own."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Image
from analysis.recognition.video.decoder import END, MAX_SIDE, TIME, VideoInfo

TIMEOUT_SECONDS = 30.0
"""A decoder that writes nothing for this long is considered stuck."""
_POLL_MILLISECONDS = 250
_HEADER_BYTES = 1000
_PROJECT = Path(__file__).resolve().parents[3]
_MESSAGES = {
    "damaged_video": "This video cannot be opened: the file is damaged or cut off, or its codec is unknown here.",
    "no_picture": "Not one frame of this video can be read: it is empty, damaged, or of a codec that is not known here "
    "(H.264, HEVC, VP8 and VP9 are; AV1 is not).",
    "only_sound": "This file holds sound alone, and expressions are read from pictures.",
    "too_many_pixels": f"The picture of this video is too large; {MAX_SIDE} pixels along each side are the most.",
    "decoder_crashed": "This video is damaged in a way that cannot be read; saved anew by another program it may be.",
    "decoder_stuck": "This video could not be read any further: the decoder got stuck in it.",
}


@dataclass(frozen=True)
class VideoFrame:
    """One frame: `at` seconds after the first, upright RGB, uint8 (H, W, 3)."""

    at: float
    image: Image


class VideoFrames(AbstractContextManager["VideoFrames"]):
    """Iterates once over a video's frames, each of the size in `info`; a context manager.

    `on_wait` is called about four times a second while no frame is ready, and may raise to stop. A fault of the file
    raises a `RecognitionError` of one of the codes above.
    """

    def __init__(
        self, path: Path, *, timeout: float = TIMEOUT_SECONDS, on_wait: Callable[[], None] = lambda: None
    ) -> None:
        self._on_wait = on_wait
        self._timeout = timeout
        self._decoder = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-m", "analysis.recognition.video.decoder", str(path.resolve())],
            cwd=_PROJECT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            self.info = self._read_info()
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
        while (at := float(TIME.unpack(self._read(TIME.size))[0])) != END:
            image = np.frombuffer(self._read(shape[0] * shape[1] * shape[2]), np.uint8)
            yield VideoFrame(at, image.reshape(shape))

    def _read_info(self) -> VideoInfo:
        line = bytearray()
        while not line.endswith(b"\n") and len(line) < _HEADER_BYTES:
            line += self._read(1)
        header = json.loads(line)
        if "error" in header:
            raise RecognitionError(header["error"], _MESSAGES[header["error"]])
        return VideoInfo(**header)

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
                raise RecognitionError("decoder_crashed", _MESSAGES["decoder_crashed"])
            done += count
        return data

    def _wait_for(self, pipe: int) -> None:
        end = time.monotonic() + self._timeout
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        while not poll.poll(_POLL_MILLISECONDS):
            self._on_wait()
            if time.monotonic() > end:
                raise RecognitionError("decoder_stuck", _MESSAGES["decoder_stuck"])
