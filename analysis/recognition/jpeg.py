"""JPEG files that lack their last bytes."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from PIL import Image as PillowImage

from analysis.recognition.errors import RecognitionError, gettext_noop

MIN_ROWS = 0.95
"""Share of the rows that a JPEG without its end must have to be read."""

_END = b"\xff\xd9"
SCAN = 0xDA
"""The marker of a scan's header."""
_MARKER = re.compile(rb"\xff+([\x02-\xcf\xd8-\xfe])")
"""A marker with a length, or the end; 0, 1 and 0xD0 to 0xD7, which have none, are in a scan's data."""
_SENTINEL = 77, 211, 13, 149
"""A colour that no whole row of a photo has."""
_BLOCK_ROWS = 16
"""Most rows that are decoded at a time: those of a block of half the colour resolution."""


def load_incomplete(
    open_picture: Callable[[bytes], PillowImage.Image], data: bytes, *, progressive: bool
) -> PillowImage.Image:
    """Return the picture of a JPEG without its last bytes; libjpeg makes what is missing grey.

    `open_picture` opens it without loading. Raises `RecognitionError` of code "damaged_image" where less than
    `MIN_ROWS` of the rows decode. A progressive JPEG has all rows once the scans before the cut have every coefficient
    but its last bit.
    """
    if progressive and not _has_every_row(data):
        text = gettext_noop("This JPEG file is incomplete: it is progressive and ends before the last of its scans.")
        raise RecognitionError("damaged_image", text)
    if not progressive and (share := _share_of_rows(open_picture(data))) < MIN_ROWS:
        text = gettext_noop(
            "This JPEG file is incomplete: it has only %(found)s%% of its rows, and at least %(least)s%% are needed."
        )
        raise RecognitionError("damaged_image", text, found=int(100 * share), least=round(100 * MIN_ROWS))
    picture = open_picture(data + _END)
    picture.load()
    return picture


def _share_of_rows(picture: PillowImage.Image) -> float:
    """Return the share of the opened picture's rows that decode, 0 to 1."""
    bands, (width, height) = len(picture.getbands()), picture.size
    levels = _SENTINEL[:bands]
    canvas = PillowImage.new(picture.mode, picture.size, levels if bands > 1 else levels[0])
    # Decoded into the canvas, so that rows which are not decoded show.
    picture.im = canvas.im
    with suppress(OSError):
        picture.load()
    sentinel = [(level, level) for level in levels]

    def is_missing(row: int) -> bool:
        extrema = canvas.crop((0, row, width, row + 1)).getextrema()
        return np.array_equal(np.reshape(extrema, (-1, 2)), sentinel)

    rows = bisect_left(range(height), True, key=is_missing)
    # libjpeg returns a row of blocks only when the data after it are there.
    return min(1.0, (rows + _BLOCK_ROWS) / height) if rows else 0.0


def _has_every_row(data: bytes) -> bool:
    """Return whether the complete scans have each coefficient of each component to its last bit but one.

    ITU-T T.81, B.2.3: a scan's header has its components, the coefficients `first` to `last`, and the number of low
    bits it leaves out.
    """
    missing_bits: dict[int, np.ndarray] = {}
    scans = list(_scan_headers(data))
    for header in scans[:-1]:
        count = header[0]
        components, (first, last, bits) = header[1 : 1 + 2 * count : 2], header[1 + 2 * count : 4 + 2 * count]
        for component in components:
            left = missing_bits.setdefault(component, np.full(64, 16))
            left[first : last + 1] = bits & 0x0F
    return bool(missing_bits) and all((left <= 1).all() for left in missing_bits.values())


class Segment(NamedTuple):
    """A marker segment that begins at `start` of the file and holds `content` after its marker and length."""

    start: int
    marker: int
    content: bytes


def segments(data: bytes) -> Iterator[Segment]:
    """Yield the segments before the end of a JPEG."""
    position = 2
    while (found := _MARKER.search(data, position)) is not None and found[1] != _END[1:]:
        start = found.end()
        position = start + int.from_bytes(data[start : start + 2], "big")
        yield Segment(start - 2, found[1][0], data[start + 2 : position])


def has_one_scan(data: bytes, components: int) -> bool:
    """Return whether the first scan of a JPEG has all its components."""
    first = next(_scan_headers(data), b"")
    return first[:1] == bytes([components])


def _scan_headers(data: bytes) -> Iterator[bytes]:
    """Yield the header of each scan, without its length."""
    return (segment.content for segment in segments(data) if segment.marker == SCAN)
