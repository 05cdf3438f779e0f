"""Writes videos that browsers play: H.264 in MP4, or VP8 in WebM; without sound, which `sound` adds."""

from __future__ import annotations

from contextlib import AbstractContextManager
from fractions import Fraction
from pathlib import Path

import av
from av.codec import Codec
from av.codec.codec import UnknownCodecError
from av.codec.context import Flags
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from analysis.recognition.faces import Image

MP4, WEBM = ".mp4", ".webm"
FASTSTART = {"movflags": "+faststart"}
"""Options of an MP4 file: its index comes first, so that a browser can play and seek before it has the whole file."""
# Without B-frames a file's times and its length stay exact where frames are not evenly spaced.
_H264 = "libx264", {"preset": "superfast", "crf": "23", "bf": "0"}
_VP8 = "libvpx", {"deadline": "realtime", "cpu-used": "5", "crf": "10", "b": "4M"}
_ENCODERS = {MP4: _H264, WEBM: _VP8}
_MATRIX = Colorspace.ITU601
"""VP8 knows no other."""
_TICK = Fraction(1, 90_000)
_NOMINAL_FPS = 30
"""What the encoder reckons with; each frame has a time of its own."""
_KEYFRAME_EVERY = 60
_THREADS = 2


def playable_suffix() -> str:
    """Return ".mp4" if this build of FFmpeg can write H.264, which it may lack for its licence, else ".webm"."""
    try:
        Codec(_H264[0], "w")
    except UnknownCodecError:
        return WEBM
    return MP4


class VideoWriter(AbstractContextManager["VideoWriter"]):
    """Writes frames of one even size at their times, each shown until the next one's time. A context manager.

    The path's suffix, `MP4` or `WEBM`, decides the format. Raises `OSError` if the file cannot be written.
    """

    def __init__(self, path: Path, width: int, height: int) -> None:
        encoder, options = _ENCODERS[path.suffix.lower()]
        self._container = av.open(path, "w", options=FASTSTART if path.suffix.lower() == MP4 else {})
        stream = self._container.add_stream(encoder, rate=_NOMINAL_FPS, options=options)
        assert isinstance(stream, VideoStream)
        self._stream, context = stream, stream.codec_context
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.time_base, context.gop_size, context.thread_count = _TICK, _KEYFRAME_EVERY, _THREADS
        context.color_range, context.colorspace = ColorRange.MPEG, _MATRIX
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        context.flags |= Flags.frame_duration
        self._last = -1

    def __exit__(self, error_type: object, *exc_info: object) -> None:
        if error_type is None:
            self.close()
        else:
            self._container.close()

    def write(self, image: Image, at: float, seconds: float) -> None:
        """Append an upright RGB image, uint8 (H, W, 3), shown from `at` seconds on; the last one for `seconds`."""
        frame = av.VideoFrame.from_ndarray(image, "rgb24").reformat(
            format="yuv420p", dst_colorspace=_MATRIX, dst_color_range=ColorRange.MPEG, threads=1
        )
        self._last = max(self._last + 1, round(at / _TICK))
        frame.pts, frame.time_base, frame.duration = self._last, _TICK, max(1, round(seconds / _TICK))
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Complete the file."""
        self._container.mux(self._stream.encode(None))
        self._container.close()
