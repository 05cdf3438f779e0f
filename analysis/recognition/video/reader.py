"""Reads a video file with PyAV, in this process; an untrusted file is read by `frames`, in a process of its own."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np
from av.codec.context import ThreadType
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame as DecodedFrame
from av.video.stream import VideoStream

from analysis.recognition.errors import RecognitionError, gettext_noop
from analysis.recognition.faces import Image
from analysis.recognition.video.budget import MAX_PIXELS, StatedSize, too_costly
from analysis.recognition.video.orientation import Orientation

MAX_SIDE = 4096
"""Pixels along the longer side of a video that is accepted."""
FRAME_SIDE = 1280
"""Pixels along the longer side of the frames."""
MAX_FPS, ASSUMED_FPS = 60.0, 30.0
"""Frames beyond the first are skipped; the second is used where a file states no duration of a frame."""
# Only these containers, and nothing but the file itself: a playlist could name other files.
CONTAINER_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm",
}
MESSAGES = {
    "damaged_video": gettext_noop(
        "This video cannot be opened. It is damaged or incomplete, or not an MP4, MOV or WebM file."
    ),
    "no_picture": gettext_noop(
        "No frame of this video can be read. It is empty or damaged, or its codec is not supported. "
        "Supported codecs: H.264, HEVC, AV1, VP8, VP9, MPEG-4."
    ),
    "only_sound": gettext_noop("This file has sound but no picture."),
    "too_many_pixels": gettext_noop(
        "This video is too large. The longer side of its picture can have up to 4096 pixels. "
        "Make it smaller and try again."
    ),
    "decoder_crashed": gettext_noop("This video is damaged. Save it in another program and try again."),
    "decoder_stuck": gettext_noop(
        "This video could not be read to its end: reading it took too long. Save it in another program and try again."
    ),
}
_THREADS = 2
_MAX_PIXEL_ASPECT = 8.0
"""A pixel that is stated to be wider than this many heights, or higher than this many widths, is taken for a square."""
_MIN_FPS = 0.01
_DURATION_TAG = re.compile(r"(\d+):(\d\d):(\d\d\.\d+)")


@dataclass(frozen=True)
class VideoInfo:
    """Facts known once the first frame is decoded.

    `width` and `height` are the picture's as a player shows it: upright, with square pixels; `frame_width` and
    `frame_height` are the frames'. `start` is the time of the first frame in the file, in seconds; `seconds` is the
    length that the file states for its pictures, None if it states none.
    """

    width: int
    height: int
    frame_width: int
    frame_height: int
    start: float
    seconds: float | None


@dataclass(frozen=True)
class VideoFrame:
    """One frame: shown from `at` seconds after the first one on, for `seconds`; upright RGB, uint8 (H, W, 3)."""

    at: float
    seconds: float
    image: Image


class FrameClock:
    """Turns stated times into seconds since the first; they always increase, whatever the file says."""

    def __init__(self) -> None:
        self._start: float | None = None
        self._last = 0.0
        self._due = 0.0

    def next(self, stated: float | None, seconds: float) -> float:
        """Return the time of the next frame, which is shown for `seconds`; `stated` is None without a time."""
        stated = math.nan if stated is None else stated
        if self._start is None:
            self._start = stated if math.isfinite(stated) else 0.0
        at = stated - self._start
        is_later = math.isfinite(at) and at > self._last
        self._last = at if is_later else self._due
        self._due = self._last + seconds
        return self._last


class VideoReader(AbstractContextManager["VideoReader"]):
    """Iterates once over a video's frames, at most `MAX_FPS` a second, each of the size in `info`; a context manager.

    Raises `RecognitionError` of a code of `MESSAGES`, and of "too_costly" where all frames of the file, also those that
    are skipped, have more than `max_pixels` together. What is damaged is skipped; a file that is cut off ends early.
    """

    def __init__(self, path: Path, *, frame_side: int = FRAME_SIDE, max_pixels: int = MAX_PIXELS) -> None:
        self._container = open_container(path)
        try:
            self._stream = _video_stream(self._container)
            self._max_pixels = max_pixels
            if stated := stated_size(self._container):
                stated.check(max_pixels)
            packets = read_packets(self._container, self._stream)
            decoded: Iterator[DecodedFrame] = chain.from_iterable(map(decode_packet, packets))
            first = next(decoded, None)
            if first is None:
                raise video_error("no_picture")
            self._orientation = Orientation.of(first)
            self.info = self._read_info(first, frame_side)
        except BaseException:
            self.close()
            raise
        self._frames = chain([first], decoded)
        self._clock = FrameClock()
        self._place = -1
        self._pixels = 0

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        self._container.close()

    def __iter__(self) -> Iterator[VideoFrame]:
        while frame := self.next():
            yield frame

    def next(self, now: float = 0.0) -> VideoFrame | None:
        """Return the next frame that is not over at `now` seconds; None at the end."""
        for frame in self._frames:
            self._count(frame)
            seconds = _frame_seconds(frame, self._stream)
            at = self._clock.next(frame.time, seconds)
            place = round(at * MAX_FPS)
            if place > self._place and at + seconds >= now:
                self._place = place
                return VideoFrame(at, seconds, self._image(frame))
        return None

    def _count(self, frame: DecodedFrame) -> None:
        self._pixels += frame.width * frame.height
        if self._pixels > self._max_pixels:
            raise too_costly()

    def _read_info(self, first: DecodedFrame, frame_side: int) -> VideoInfo:
        if max(first.width, first.height) > MAX_SIDE:
            raise video_error("too_many_pixels")
        aspect = _pixel_aspect(self._stream)
        width, height = round(first.width * max(aspect, 1)), round(first.height * max(1 / aspect, 1))
        if self._orientation.transposed:
            width, height = height, width
        start = first.time or 0.0
        return VideoInfo(
            width, height, *even_size(width, height, frame_side), start, _stated_seconds(self._container, start)
        )

    def _image(self, frame: DecodedFrame) -> Image:
        width, height = self.info.frame_width, self.info.frame_height
        if self._orientation.transposed:
            width, height = height, width
        # A stream may change its size midway; the frames returned may not.
        picture = frame.reformat(width, height, "rgb24", interpolation="AREA", threads=1)
        return self._orientation.apply(np.asarray(picture.to_ndarray(), np.uint8))


def video_error(code: str) -> RecognitionError:
    """Return the error of a code of `MESSAGES`."""
    return RecognitionError(code, MESSAGES[code])


def even_size(width: int, height: int, max_side: int) -> tuple[int, int]:
    """Shrink a size to `max_side`, both sides even, because video codecs halve both for their colours."""
    scale = min(1.0, max_side / max(height, width))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def open_container(path: Path | BinaryIO) -> InputContainer:
    try:
        # Names and titles in a file may be of any encoding.
        return av.open(path, "r", container_options=CONTAINER_OPTIONS, metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        raise video_error("damaged_video") from error


def _video_stream(container: InputContainer) -> VideoStream:
    stream = container.streams.best("video")
    if not isinstance(stream, VideoStream) or stream.disposition & Disposition.attached_pic:
        raise video_error("only_sound" if container.streams.audio else "no_picture")
    context: VideoCodecContext | None = stream.codec_context
    if context is None:
        raise video_error("no_picture")
    if max(context.width, context.height) > MAX_SIDE:
        raise video_error("too_many_pixels")
    context.options = {"max_pixels": str(MAX_SIDE * MAX_SIDE)}
    context.thread_count, context.thread_type = _THREADS, ThreadType.AUTO
    return stream


def read_packets(container: InputContainer, stream: Stream) -> Iterator[Packet[Any]]:
    """Yield a stream's packets up to the end, or to where the file is cut off; a last empty one flushes a decoder."""
    with suppress(av.FFmpegError):
        yield from container.demux(stream)


def decode_packet(packet: Packet[Any]) -> list[Any]:
    """Return a packet's frames, none of a damaged one."""
    try:
        return packet.decode()
    except av.FFmpegError:
        return []


def _frame_seconds(frame: DecodedFrame, stream: VideoStream) -> float:
    if frame.duration > 0 and frame.time_base:
        return float(frame.duration * frame.time_base)
    rate = float(stream.guessed_rate or 0)
    return 1 / (rate if _MIN_FPS <= rate <= MAX_FPS else ASSUMED_FPS)


def _pixel_aspect(stream: VideoStream) -> float:
    """Return a pixel's width divided by its height."""
    aspect = float(stream.sample_aspect_ratio or 1)
    return aspect if 1 / _MAX_PIXEL_ASPECT <= aspect <= _MAX_PIXEL_ASPECT else 1.0


def stated_size(container: InputContainer) -> StatedSize | None:
    """Return what the file states; None if it states no picture."""
    stream = container.streams.best("video")
    if not isinstance(stream, VideoStream) or (context := stream.codec_context) is None:
        return None
    seconds = _stated_seconds(container, 0.0) or 0.0
    frames = stream.frames or round(seconds * float(stream.guessed_rate or ASSUMED_FPS))
    return StatedSize(context.width, context.height, frames, seconds)


def _stated_seconds(container: InputContainer, start: float) -> float | None:
    """Return the length of the pictures, from the first frame's time `start` on; None if the file states none."""
    stream = container.streams.best("video")
    assert isinstance(stream, VideoStream)
    if stream.duration and stream.time_base:
        seconds = float(stream.duration * stream.time_base)
    elif tag := _DURATION_TAG.match(stream.metadata.get("DURATION", "")):
        # Matroska and WebM state the end of each track there, and otherwise only that of the longest one.
        hours, minutes, rest = tag.groups()
        seconds = 3600 * int(hours) + 60 * int(minutes) + float(rest) - start
    else:
        end = (container.duration or 0) + (container.start_time or 0)
        seconds = end / av.time_base - start
    return seconds if seconds > 0 else None
