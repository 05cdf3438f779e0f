"""How the stored pictures of a video become upright."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import cv2
import numpy as np
from av.buffer import Buffer
from av.video.frame import VideoFrame as DecodedFrame

from analysis.recognition.faces import Image


@dataclass(frozen=True)
class Orientation:
    """How stored pictures become upright: transposed first, then mirrored left to right, then top to bottom."""

    transposed: bool = False
    mirrored: bool = False
    flipped: bool = False

    @classmethod
    def of(cls, frame: DecodedFrame) -> Orientation:
        """Return the quarter turn nearest to the frame's display matrix."""
        try:
            data = frame.side_data.get("DISPLAYMATRIX")
        except ValueError:
            # PyAV 18 does not know all kinds of side data that FFmpeg attaches, such as those of spatial videos.
            return _QUARTER_TURNS[round(frame.rotation / 90) % 4]
        if not isinstance(data, Buffer):
            return cls()
        a, b, _, c, d = struct.unpack_from("=5i", bytes(data))
        is_straight = abs(a) + abs(d) >= abs(b) + abs(c)
        return cls(False, a < 0, d < 0) if is_straight else cls(True, c < 0, b < 0)

    def apply(self, image: Image) -> Image:
        if self.transposed:
            image = np.asarray(cv2.transpose(image), np.uint8)
        if self.mirrored or self.flipped:
            code = -1 if self.mirrored and self.flipped else int(self.mirrored)
            image = np.asarray(cv2.flip(image, code), np.uint8)
        return image


_QUARTER_TURNS = (
    Orientation(),
    Orientation(True, False, True),
    Orientation(False, True, True),
    Orientation(True, True),
)
"""By the number of quarter turns counterclockwise."""
