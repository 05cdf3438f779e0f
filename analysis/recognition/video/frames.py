"""A video's frames, one after the other, decoded by a process of their own."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Image
from analysis.recognition.video.decoder import END, MAX_SIDE, TIME, VideoInfo

PATIENCE_SECONDS = 30.0
"""A decoder that yields nothing for so long will yield nothing any more."""
_LOOK_MILLISECONDS = 250
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
class Frame:
    """One frame: `at` seconds after the first, upright RGB of the size that `VideoInfo` says."""

    at: float
    image: Image


class VideoFrames:
    """Reads a video from its beginning; a context manager that iterates over its frames once.

    `waiting` is called every quarter of a second or so while there is nothing yet, and may raise to give up. Whatever
    is wrong with the file is a `RecognitionError`, of one of the codes above.
    """

    def __init__(
        self, path: Path, *, patience: float = PATIENCE_SECONDS, waiting: Callable[[], None] = lambda: None
    ) -> None:
        self._waiting = waiting
        self._patience = patience
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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the decoder, wherever it is."""
        self._decoder.kill()
        self._decoder.wait()
        assert self._decoder.stdout is not None
        self._decoder.stdout.close()

    def __iter__(self) -> Iterator[Frame]:
        shape = self.info.frame_height, self.info.frame_width, 3
        while (at := float(TIME.unpack(self._read(TIME.size))[0])) != END:
            image = np.frombuffer(self._read(shape[0] * shape[1] * shape[2]), np.uint8)
            yield Frame(at, image.reshape(shape))

    def _read_info(self) -> VideoInfo:
        line = bytearray()
        while not line.endswith(b"\n") and len(line) < _HEADER_BYTES:
            line += self._read(1)
        told = json.loads(line)
        if "error" in told:
            raise RecognitionError(told["error"], _MESSAGES[told["error"]])
        return VideoInfo(**told)

    def _read(self, size: int) -> bytearray:
        """Return exactly `size` bytes of what the decoder writes."""
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
        end = time.monotonic() + self._patience
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        while not poll.poll(_LOOK_MILLISECONDS):
            self._waiting()
            if time.monotonic() > end:
                raise RecognitionError("decoder_stuck", _MESSAGES["decoder_stuck"])
