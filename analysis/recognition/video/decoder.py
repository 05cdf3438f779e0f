"""The process that decodes an untrusted video: `python -m analysis.recognition.video_decoder FILE`.

A decoder is native code, and a file made for it may crash or stop it; here that takes nothing else along. It writes
one line of JSON to its standard output (`VideoInfo`, or `{"error": code}`), then each frame as its time in seconds
(a little-endian double) and its pixels, and in the end the time -1. `video_frames` reads that.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import resource
import struct
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import BinaryIO

import cv2
import numpy as np

from analysis.recognition.faces import Image

MAX_SIDE = 4096
"""Pixels along the longer side of what is decoded at all."""
FRAME_SIDE = 1280
"""Pixels along the longer side of what comes out; even, because VP8 halves both sides for its colours."""
MAX_FPS, ASSUMED_FPS = 60.0, 30.0
"""More frames a second than that are left out; where a file says nothing credible, it is taken to have so many."""
TIME = struct.Struct("<d")
END = -1.0

_CREDIBLE_FPS = (1.0, 240.0)
_MEMORY_BYTES = 6 << 30
_CPU_SECONDS = 6 * 3600
_EBML = b"\x1aE\xdf\xa3"
_PICTURES = {True: (b"V_VP", b"V_AV1", b"V_MPEG"), False: (b"vide",)}
_SOUNDS = {True: (b"A_OPUS", b"A_VORBIS", b"A_AAC"), False: (b"soun",)}
"""What tracks are called in Matroska and WebM, and in MP4 and MOV."""
_LOOKED_AT = 1 << 20
# Only these containers, and nothing but the file itself: no playlist leads anywhere else.
_OPTIONS = "protocol_whitelist;file|format_whitelist;mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"


@dataclass(frozen=True)
class VideoInfo:
    """What is known before the second frame.

    `width` and `height` are the upright original's, `frame_width` and `frame_height` those of the frames that come,
    at most `fps` of them a second; `seconds` is None where the file does not say how long it is.
    """

    width: int
    height: int
    frame_width: int
    frame_height: int
    fps: float
    seconds: float | None


class _Refused(Exception):
    """`args[0]` is the code."""


def main(path: str) -> None:
    _limit_itself()
    os.environ.update(OPENCV_FFMPEG_CAPTURE_OPTIONS=_OPTIONS, OPENCV_FFMPEG_LOGLEVEL="-8")
    out = sys.stdout.buffer
    try:
        _send(path, out)
    except _Refused as refused:
        out.write(json.dumps({"error": refused.args[0]}).encode() + b"\n")
    except BrokenPipeError:
        # Whoever wanted it is gone, and nothing is left to be flushed to.
        os._exit(0)


def _limit_itself() -> None:
    for kind, most in ((resource.RLIMIT_AS, _MEMORY_BYTES), (resource.RLIMIT_CPU, _CPU_SECONDS)):
        # Not every system knows each limit, or lets it be lowered.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))
    os.nice(5)


def _send(path: str, out: BinaryIO) -> None:
    capture = _open(path)
    fps, seconds = _fps(capture), _seconds(capture)
    info: VideoInfo | None = None
    for at, image in _frames(capture, fps):
        if info is None:
            info = _info(image, fps, seconds)
            out.write(json.dumps(asdict(info)).encode() + b"\n")
        # A stream may change its size on the way; what is made of it has one.
        frame = cv2.resize(image, (info.frame_width, info.frame_height), interpolation=cv2.INTER_AREA)
        out.write(TIME.pack(at))
        out.write(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB).data)
    if info is None:
        raise _Refused("only_sound" if _only_sound(path) else "no_picture")
    out.write(TIME.pack(END))
    out.flush()


def _open(path: str) -> cv2.VideoCapture:
    # FFmpeg turns the frames upright by itself, as the file's metadata tells.
    capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 2])
    if not capture.isOpened():
        raise _Refused("only_sound" if _only_sound(path) else "damaged_video")
    if max(capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)) > MAX_SIDE:
        raise _Refused("too_many_pixels")
    return capture


def _frames(capture: cv2.VideoCapture, fps: float) -> Iterator[tuple[float, Image]]:
    """Yield (seconds since the first frame, BGR) as often as `fps` allows; times only ever grow."""
    start, last_at, last_place = None, -1 / fps, -1
    while capture.grab():
        told = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        start = told if start is None else start
        at = told - start
        if not math.isfinite(at) or at <= last_at:
            at = last_at + 1 / fps
        last_at, place = at, round(at * fps)
        if place > last_place:
            done, image = capture.retrieve()
            if done:
                last_place = place
                yield at, np.asarray(image, np.uint8)


def _fps(capture: cv2.VideoCapture) -> float:
    told = capture.get(cv2.CAP_PROP_FPS)
    lowest, highest = _CREDIBLE_FPS
    return min(told, MAX_FPS) if math.isfinite(told) and lowest <= told <= highest else ASSUMED_FPS


def _seconds(capture: cv2.VideoCapture) -> float | None:
    frames, fps = capture.get(cv2.CAP_PROP_FRAME_COUNT), capture.get(cv2.CAP_PROP_FPS)
    if not (math.isfinite(frames) and math.isfinite(fps)) or frames <= 0 or fps <= 0:
        return None
    return frames / fps


def _info(image: Image, fps: float, seconds: float | None) -> VideoInfo:
    height, width = image.shape[:2]
    if max(height, width) > MAX_SIDE:
        raise _Refused("too_many_pixels")
    scale = min(1.0, FRAME_SIDE / max(height, width))
    even = [max(2, round(side * scale / 2) * 2) for side in (width, height)]
    return VideoInfo(width, height, even[0], even[1], fps, seconds)


def _only_sound(path: str) -> bool:
    """Tell whether what the file says of its tracks names sound and no picture; it says so near either end."""
    with open(path, "rb") as file:  # noqa: PTH123  # a name, as OpenCV takes it
        head = file.read(_LOOKED_AT)
        file.seek(max(0, os.fstat(file.fileno()).st_size - _LOOKED_AT))
        text = head + file.read()
    is_matroska = text.startswith(_EBML)
    return any(name in text for name in _SOUNDS[is_matroska]) and not any(
        name in text for name in _PICTURES[is_matroska]
    )


if __name__ == "__main__":
    main(sys.argv[1])
