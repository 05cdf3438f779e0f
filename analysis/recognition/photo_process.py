"""The process that decodes untrusted photos: `python -m analysis.recognition.photo_process MAX_PIXELS SECONDS`.

It writes `READY`. Then it reads photos from its standard input, each as its number of bytes and whether to read when it
was taken (`REQUEST`), and the bytes, and answers each with three lengths (`REPLY`), a JSON object (`RenderedPhoto`
without its renditions, or `{"error": RecognitionError.to_dict()}`), the picture and the thumbnail. It ends with its
input. `photo_pool` starts it.
"""

from __future__ import annotations

import json
import signal
import struct
import sys
from typing import BinaryIO

import cv2
from PIL import AvifImagePlugin

from analysis.recognition.child_process import limit_memory
from analysis.recognition.errors import RecognitionError, gettext_noop
from analysis.recognition.renditions import RenderedPhoto, Renditions, render_photo

READY = b"+"
REQUEST = struct.Struct("<Q?")
REPLY = struct.Struct("<QQQ")
_BASE_BYTES, _BYTES_PER_PIXEL = 1_000_000_000, 24
"""Address space of the process itself with its libraries, and of decoding: 16 bytes per pixel are the most that
`tests/bench/photo_memory.py` measures."""
_ORPHAN_SECONDS = 1.0
_AVIF_THREADS = 2


def memory_limit(max_pixels: int) -> int:
    """Return how many bytes of address space a process that decodes photos of up to `max_pixels` may take."""
    return _BASE_BYTES + _BYTES_PER_PIXEL * max_pixels


def main(max_pixels: int, seconds: float) -> None:
    """Answer requests until the input ends; an exception ends the process, and `photo_pool` starts another."""
    # Ctrl+C in a terminal reaches this process, too, while the server still answers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # One photo is to take one thread, as many as there are processes.
    cv2.setNumThreads(1)
    AvifImagePlugin.DEFAULT_MAX_THREADS = _AVIF_THREADS
    limit_memory(memory_limit(max_pixels))
    source, out = sys.stdin.buffer, sys.stdout.buffer
    out.write(READY)
    out.flush()
    while len(header := source.read(REQUEST.size)) == REQUEST.size:
        length, reads_time = REQUEST.unpack(header)
        data = source.read(length)
        # The pool kills a slow process; this ends one whose pool was killed meanwhile, in the midst of native code.
        signal.setitimer(signal.ITIMER_REAL, seconds + _ORPHAN_SECONDS)
        _reply(out, data, max_pixels, reads_time)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _reply(out: BinaryIO, data: bytes, max_pixels: int, reads_time: bool) -> None:
    renditions = Renditions(b"", b"")
    try:
        rendered = render_photo(data, max_pixels=max_pixels, reads_time=reads_time)
        renditions, answer = rendered.renditions, _answer(rendered)
    except RecognitionError as error:
        answer = {"error": error.to_dict()}
    except MemoryError:
        text = gettext_noop("This photo needs more than %(size)s GB of memory to read. Make it smaller and try again.")
        answer = {"error": RecognitionError("too_costly", text, size=memory_limit(max_pixels) / 1e9).to_dict()}
    encoded = json.dumps(answer).encode()
    out.write(REPLY.pack(len(encoded), len(renditions.picture), len(renditions.thumbnail)))
    out.write(encoded + renditions.picture + renditions.thumbnail)
    out.flush()


def _answer(rendered: RenderedPhoto) -> dict[str, object]:
    return {name: getattr(rendered, name) for name in ("width", "height", "decode_ms", "taken")}


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
