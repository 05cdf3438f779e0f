"""Decodes untrusted photos in processes that can be killed.

Without a pool library: the callers are a fixed number of threads already, and one process for each needs neither queues
nor a scheduler of another thread beside them.
"""

from __future__ import annotations

import json
import logging
import os
import select
import subprocess
import time
import weakref
from contextlib import suppress
from typing import Any

from analysis.recognition.child_process import start_child
from analysis.recognition.errors import RecognitionError, gettext_noop
from analysis.recognition.photo_process import READY, REPLY, REQUEST
from analysis.recognition.renditions import RenderedPhoto, Renditions

logger = logging.getLogger(__name__)
MODULE = "analysis.recognition.photo_process"
PHOTO_SECONDS = 10.0
MAX_PHOTOS = 500
"""After so many photos a process is replaced, which bounds what its libraries lose or keep."""
_START_SECONDS = 60.0
_MALLOC = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(8 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(32 << 20),
}
"""Has glibc keep blocks of up to 8 MB for the next photo, 32 MB together, which saves a quarter of its time."""
_MAX_REPLY_BYTES = 100_000_000


class PhotoPool:
    """Renders photos as `renditions.render_photo` does, in as many processes as threads call it at once; thread-safe.

    A process starts when all others are busy. One that takes more than `seconds` for a photo is killed.
    """

    def __init__(self, *, max_pixels: int, seconds: float = PHOTO_SECONDS) -> None:
        self._max_pixels = max_pixels
        self._seconds = seconds
        # The last is taken first, so that a few callers keep few processes busy and warm.
        self._idle: list[_Child] = []
        self.close = weakref.finalize(self, _close_all, self._idle)

    def start(self) -> None:
        """Start a process in the background, so that the next photo does not wait for it."""
        self._idle.insert(0, _Child(self._max_pixels, self._seconds))

    def render(self, data: bytes, *, reads_time: bool = False) -> RenderedPhoto:
        """Return a photo's renditions, and when it was taken where `reads_time`; blocks.

        Raises `RecognitionError` as `render_photo` does, of code "too_costly" beyond the limit of time or memory, and
        of code "busy" (retryable) where no process can be started.
        """
        child = self._take()
        try:
            header, renditions = child.ask(data, reads_time)
        except (TimeoutError, EOFError) as error:
            self._replace(child)
            raise self._refusal(error) from error
        except ChildProcessError as error:
            child.close()
            logger.exception("A photo was not decoded")
            raise _busy() from error
        except BaseException:
            self._replace(child)
            raise
        if child.photos < MAX_PHOTOS:
            self._idle.append(child)
        else:
            self._replace(child)
        if "error" in header:
            raise RecognitionError(**header["error"])
        return RenderedPhoto(**header, renditions=renditions)

    def _take(self) -> _Child:
        with suppress(IndexError):
            while True:
                child = self._idle.pop()
                if child.is_alive():
                    return child
                child.close()
        try:
            return _Child(self._max_pixels, self._seconds)
        except OSError as error:
            raise _busy() from error

    def _replace(self, child: _Child) -> None:
        child.close()
        # Where none can be started now, the next photo tries again.
        with suppress(OSError):
            self.start()

    def _refusal(self, error: Exception) -> RecognitionError:
        if isinstance(error, TimeoutError):
            text = gettext_noop(
                "This photo takes longer than %(seconds)s s to read. Make it smaller, or save it in another program, "
                "and try again."
            )
            return RecognitionError("too_costly", text, seconds=self._seconds)
        text = gettext_noop(
            "This photo is damaged or too large: the program that reads it crashed. Make it smaller, or save it in "
            "another program, and try again."
        )
        return RecognitionError("damaged_image", text)


class _Child:
    """One process, for one caller at a time; `photos` is how many it has answered."""

    def __init__(self, max_pixels: int, seconds: float) -> None:
        self._seconds = seconds
        arguments = str(max_pixels), str(seconds)
        self._process = start_child(MODULE, *arguments, stdin=subprocess.PIPE, **_MALLOC)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        self._is_ready = False
        self.photos = 0

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def ask(self, data: bytes, reads_time: bool) -> tuple[dict[str, Any], Renditions]:
        """Return the reply; raise `TimeoutError` or, if the process ends, `EOFError`."""
        self._wait_until_ready()
        end = time.monotonic() + self._seconds
        self._write(REQUEST.pack(len(data), reads_time), end)
        self._write(data, end)
        lengths = REPLY.unpack(self._read(REPLY.size, end))
        if sum(lengths) > _MAX_REPLY_BYTES:
            raise EOFError(f"expected a reply of at most {_MAX_REPLY_BYTES} bytes; got {lengths}")
        header, picture, thumbnail = (self._read(length, end) for length in lengths)
        self.photos += 1
        return json.loads(header), Renditions(bytes(picture), bytes(thumbnail))

    def _wait_until_ready(self) -> None:
        """Wait for a new process to import its libraries, which is not a part of the photo's time."""
        if self._is_ready:
            return
        try:
            self._is_ready = self._read(len(READY), time.monotonic() + _START_SECONDS) == READY
        except (EOFError, TimeoutError) as error:
            raise ChildProcessError(f"The process that decodes photos did not start: {self._process.args!r}") from error

    def _write(self, data: bytes, end: float) -> None:
        view = memoryview(data)
        while view:
            self._wait_for(self._in, select.POLLOUT, end)
            try:
                view = view[os.write(self._in, view) :]
            except BrokenPipeError as error:
                raise EOFError("the process ended") from error

    def _read(self, size: int, end: float) -> bytearray:
        data = bytearray(size)
        view = memoryview(data)
        while view:
            self._wait_for(self._out, select.POLLIN, end)
            count = os.readv(self._out, [view])
            if not count:
                raise EOFError("the process ended")
            view = view[count:]
        return data

    def _wait_for(self, pipe: int, event: int, end: float) -> None:
        poll = select.poll()
        poll.register(pipe, event)
        if not poll.poll(max(0.0, 1000 * (end - time.monotonic()))):
            raise TimeoutError


def _busy() -> RecognitionError:
    text = gettext_noop("The server is too busy to read this photo. Try again in a moment.")
    return RecognitionError("busy", text, retryable=True)


def _close_all(idle: list[_Child]) -> None:
    while idle:
        idle.pop().close()
