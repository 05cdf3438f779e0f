"""`analysis.recognition.photo_process` with photos that hang its decoder, take all its memory, or crash it."""

from __future__ import annotations

import os
import signal
import sys

from analysis.recognition import photo_process
from analysis.recognition.renditions import RenderedPhoto, render_photo

HANG, EAT, CRASH = b"hang", b"eat", b"crash"


def _render(data: bytes, *, max_pixels: int, reads_time: bool) -> RenderedPhoto:
    if data == HANG:
        # As native code does, whose thread answers nothing but what the kernel does itself.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
        while True:
            pass
    if data == EAT:
        eaten = []
        while True:
            eaten.append(bytearray(50_000_000))
    if data == CRASH:
        os.abort()
    return render_photo(data, max_pixels=max_pixels, reads_time=reads_time)


if __name__ == "__main__":
    photo_process.render_photo = _render
    photo_process.main(int(sys.argv[1]), float(sys.argv[2]))
