"""The process that decodes an untrusted video: `python -m analysis.recognition.video.decoder FILE`.

A file made to crash or hang a native decoder affects this process only. It writes one line of JSON to its standard
output (`VideoInfo`, or `{"error": code}`), then each frame as its time in seconds (a little-endian double) and its
pixels, and at the end the time -1. `frames` reads that.
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
"""Pixels along the longer side of a video that is accepted."""
FRAME_SIDE = 1280
"""Pixels along the longer side of the decoded frames."""
MAX_FPS, ASSUMED_FPS = 60.0, 30.0
"""Frames beyond the first are skipped; the second is used for a file without a credible frame rate."""
TIME = struct.Struct("<d")
END = -1.0

_CREDIBLE_FPS = (1.0, 240.0)
_MEMORY_BYTES = 6 << 30
_CPU_SECONDS = 6 * 3600
_EBML = b"\x1aE\xdf\xa3"
_MATROSKA_TRACKS = (b"V_VP", b"V_AV1", b"V_MPEG"), (b"A_OPUS", b"A_VORBIS", b"A_AAC")
_MP4_TRACKS = (b"vide",), (b"soun",)
"""Identifiers of video and of audio tracks."""
_SCANNED_BYTES = 1 << 20
# Only these containers, and nothing but the file itself: a playlist could name other files.
_OPTIONS = "protocol_whitelist;file|format_whitelist;mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"


@dataclass(frozen=True)
class VideoInfo:
    """Facts known once the first frame is decoded.

    `width` and `height` are the upright original's, `frame_width` and `frame_height` the decoded frames', of which
    there are at most `fps` a second; `seconds` is None if the file does not state its length.
    """

    width: int
    height: int
    frame_width: int
    frame_height: int
    fps: float
    seconds: float | None


class _DecodeError(Exception):
    """`args[0]` is the code."""


def main(path: str) -> None:
    for kind, limit in ((resource.RLIMIT_AS, _MEMORY_BYTES), (resource.RLIMIT_CPU, _CPU_SECONDS)):
        # Not every system has each limit or allows lowering it.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit, limit))
    os.nice(5)
    os.environ.update(OPENCV_FFMPEG_CAPTURE_OPTIONS=_OPTIONS, OPENCV_FFMPEG_LOGLEVEL="-8")
    out = sys.stdout.buffer
    try:
        _write_frames(path, out)
    except _DecodeError as error:
        out.write(json.dumps({"error": error.args[0]}).encode() + b"\n")
    except BrokenPipeError:
        # The reader is gone; a normal exit would fail to flush.
        os._exit(0)


def _write_frames(path: str, out: BinaryIO) -> None:
    capture = _open(path)
    fps, seconds = read_fps(capture), _seconds(capture)
    info: VideoInfo | None = None
    for at, image in _frames(capture, fps):
        if info is None:
            info = _info(image, fps, seconds)
            out.write(json.dumps(asdict(info)).encode() + b"\n")
        # A stream may change its size midway; the frames written may not.
        frame = cv2.resize(image, (info.frame_width, info.frame_height), interpolation=cv2.INTER_AREA)
        out.write(TIME.pack(at))
        out.write(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB).data)
    if info is None:
        raise _DecodeError("only_sound" if _is_audio_only(path) else "no_picture")
    out.write(TIME.pack(END))
    out.flush()


def _open(path: str) -> cv2.VideoCapture:
    # FFmpeg itself rotates the frames upright, as the metadata says.
    capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 2])
    if not capture.isOpened():
        raise _DecodeError("only_sound" if _is_audio_only(path) else "damaged_video")
    if max(capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)) > MAX_SIDE:
        raise _DecodeError("too_many_pixels")
    return capture


class FrameClock:
    """Reads the grabbed frames' times as seconds since the first; they always increase, whatever the file says."""

    def __init__(self, capture: cv2.VideoCapture, fps: float) -> None:
        self._capture = capture
        self._step = 1 / fps
        self._start: float | None = None
        self._last = -self._step

    def next(self) -> float:
        """Return the time of the frame just grabbed."""
        stated = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        self._start = stated if self._start is None else self._start
        at = stated - self._start
        self._last = at if math.isfinite(at) and at > self._last else self._last + self._step
        return self._last


def _frames(capture: cv2.VideoCapture, fps: float) -> Iterator[tuple[float, Image]]:
    """Yield (seconds since the first frame, BGR), at most `fps` a second."""
    clock, last_place = FrameClock(capture, fps), -1
    while capture.grab():
        at = clock.next()
        place = round(at * fps)
        if place > last_place:
            done, image = capture.retrieve()
            if done:
                last_place = place
                yield at, np.asarray(image, np.uint8)


def read_fps(capture: cv2.VideoCapture) -> float:
    """Return a capture's frame rate, at most `MAX_FPS`; `ASSUMED_FPS` if the stated one is not credible."""
    stated = capture.get(cv2.CAP_PROP_FPS)
    lowest, highest = _CREDIBLE_FPS
    return min(stated, MAX_FPS) if math.isfinite(stated) and lowest <= stated <= highest else ASSUMED_FPS


def _seconds(capture: cv2.VideoCapture) -> float | None:
    frames, fps = capture.get(cv2.CAP_PROP_FRAME_COUNT), capture.get(cv2.CAP_PROP_FPS)
    if not (math.isfinite(frames) and math.isfinite(fps)) or frames <= 0 or fps <= 0:
        return None
    return frames / fps


def _info(image: Image, fps: float, seconds: float | None) -> VideoInfo:
    height, width = image.shape[:2]
    if max(height, width) > MAX_SIDE:
        raise _DecodeError("too_many_pixels")
    return VideoInfo(width, height, *even_size(width, height, FRAME_SIDE), fps, seconds)


def even_size(width: int, height: int, max_side: int) -> tuple[int, int]:
    """Shrink a size to `max_side`, both sides even, because VP8 halves both for its colours."""
    scale = min(1.0, max_side / max(height, width))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _is_audio_only(path: str) -> bool:
    """Return whether the file names audio tracks and no video track near its beginning or its end."""
    with open(path, "rb") as file:  # noqa: PTH123  # a name, as OpenCV takes it
        head = file.read(_SCANNED_BYTES)
        file.seek(max(0, os.fstat(file.fileno()).st_size - _SCANNED_BYTES))
        content = head + file.read()
    video, audio = _MATROSKA_TRACKS if content.startswith(_EBML) else _MP4_TRACKS
    return any(name in content for name in audio) and not any(name in content for name in video)


if __name__ == "__main__":
    main(sys.argv[1])
