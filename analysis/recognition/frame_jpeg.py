"""The JPEGs of live frames, decoded in a third of the time that a photo of any format takes."""

from __future__ import annotations

import re
import time

import cv2
import numpy as np

from analysis.recognition import images
from analysis.recognition.faces import Image

_END = b"\xff\xd9"
_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
_FRAME_HEADERS = b"\xc0\xc1\xc2"
"""Markers before the size: baseline, extended and progressive (ITU-T T.81, B.2.2)."""


def decode_timed(data: bytes, *, max_pixels: int) -> tuple[Image, float]:
    """Return what `images.decode` does, and the milliseconds it took; raises as it does."""
    started = time.perf_counter()
    image = _decode_whole(data, max_pixels)
    if image is None:
        image = images.decode(data, max_pixels=max_pixels)
    return image, 1000 * (time.perf_counter() - started)


def _decode_whole(data: bytes, max_pixels: int) -> Image | None:
    """Decode with OpenCV, which lets other threads run meanwhile; None where that could differ from Pillow's way.

    OpenCV turns pictures upright, too.
    """
    height, width, components = _frame_header(data)
    if components not in (1, 3) or not 0 < height * width <= max_pixels or not data.endswith(_END):
        return None
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    return None if image is None else np.asarray(image, np.uint8)


def _frame_header(data: bytes) -> tuple[int, int, int]:
    """Return a JPEG's height and width in pixels and its number of components; zeros where there are none."""
    position = 2
    while (found := _MARKER.match(data, position)) is not None:
        length = int.from_bytes(data[found.end() : found.end() + 2], "big")
        if found[1] in _FRAME_HEADERS:
            header = data[found.end() + 3 : found.end() + 8]
            if len(header) < 5:
                break
            return int.from_bytes(header[:2], "big"), int.from_bytes(header[2:4], "big"), header[4]
        position = found.end() + max(length, 2)
    return 0, 0, 0
