"""Short test videos."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

TICK = Fraction(1, 60_000)
RATE = 48_000
ENCODERS: dict[str, tuple[str, dict[str, str]]] = {
    "h264": ("libx264", {"preset": "ultrafast", "crf": "18"}),
    "hevc": ("libx265", {"preset": "ultrafast", "x265-params": "log-level=none"}),
    "av1": ("libsvtav1", {"preset": "12", "svtav1-params": "lp=1"}),
    # A negative speed is kept; a positive one is the encoder's to change, by how busy the machine is.
    "vp8": ("libvpx", {"deadline": "realtime", "cpu-used": "-8", "crf": "10", "b": "4M"}),
    "vp9": ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "crf": "20", "b": "0"}),
    "mpeg4": ("mpeg4", {}),
}


def write_video(
    path: Path,
    portrait: Path | None,
    *,
    seconds: float = 2.0,
    fps: float = 10.0,
    size: tuple[int, int] = (320, 240),
    **options: Any,
) -> bytes:
    """Write a video of the kind that the name says, the portrait panning from left to right; return its bytes."""
    width, height = size
    face = None
    if portrait is not None:
        face = cv2.cvtColor(
            cv2.resize(cv2.imread(str(portrait)), (height * 5 // 7, height * 5 // 6)), cv2.COLOR_BGR2RGB
        )
    count = round(seconds * fps)
    frames = []
    for number in range(count):
        frame = np.full((height, width, 3), (120, 110, 90), np.uint8)
        if face is not None:
            left = (width - face.shape[1]) * number // max(count - 1, 1)
            frame[height - face.shape[0] :, left : left + face.shape[1]] = face
        frames.append((number / fps, frame))
    return write_frames(path, frames, fps=fps, size=size, **options)


def write_frames(
    path: Path,
    frames: Iterable[tuple[float, np.ndarray]],
    *,
    fps: float = 10.0,
    size: tuple[int, int] = (64, 48),
    codec: str | None = None,
    rotation: float = 0.0,
    is_mirrored: bool = False,
    pixel_aspect: Fraction | None = None,
    sound: str | None = None,
    sound_seconds: float = 0.0,
    options: dict[str, str] | None = None,
) -> bytes:
    """Write frames (seconds, RGB), shown `rotation` degrees counterclockwise, with a tone; return the file's bytes."""
    encoder, encoder_options = ENCODERS[codec or ("vp8" if path.suffix == ".webm" else "h264")]
    with _same_scheduling(), av.open(path, "w", options=options or {}) as container:
        stream = container.add_stream(encoder, rate=Fraction(fps).limit_denominator(1000), options=encoder_options)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = TICK
        if pixel_aspect:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        if rotation or is_mirrored:
            stream.set_display_rotation(rotation, hflip=is_mirrored)
        tone = container.add_stream(sound, rate=RATE, layout="stereo") if sound else None
        container.start_encoding()
        for at, image in frames:
            frame = av.VideoFrame.from_ndarray(image, "rgb24")
            frame.pts, frame.time_base = round(at / TICK), TICK
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if tone is not None:
            _write_tone(container, tone, sound_seconds)
    return path.read_bytes()


@contextmanager
def _same_scheduling() -> Iterator[None]:
    """Undo what libsvtav1 does where it may, as root: it gives the calling thread real-time priority.

    Browsers started later inherit it, and the servers beside them then get no processor time.
    """
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    yield
    os.sched_setscheduler(0, policy, parameters)


def write_sound(path: Path, *, seconds: float = 0.5) -> bytes:
    """Write a file of sound alone; return its bytes."""
    with av.open(path, "w") as container:
        _write_tone(container, container.add_stream("aac", rate=RATE, layout="stereo"), seconds)
    return path.read_bytes()


def sound_of(path: Path) -> tuple[str, float, float] | None:
    """Return a file's audio codec, when its sound begins and when it ends, in seconds; None without any."""
    with av.open(path) as container:
        if not container.streams.audio:
            return None
        stream = container.streams.audio[0]
        frames = [(frame.time, frame.samples / frame.rate) for frame in container.decode(stream)]
        return stream.codec_context.codec.canonical_name, frames[0][0], sum(frames[-1])


def _write_tone(container: Any, stream: Any, seconds: float) -> None:
    times = np.arange(round(seconds * RATE)) / RATE
    wave = np.sin(2 * np.pi * 440 * times).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]), "fltp", "stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
