"""Limits of an encoded picture's parts that cost time each, counted before it is decoded.

Without them a file of a few megabytes takes minutes. The limits are far above what programs write;
`tests/analysis/recognition/test_work_limits.py` has a file beyond each.
"""

from __future__ import annotations

import io

from PIL.TiffImagePlugin import ImageFileDirectory_v2

from analysis.recognition.errors import RecognitionError, gettext_noop
from analysis.recognition.heif_boxes import heic_pixels, metadata_references
from analysis.recognition.jpeg import SCAN, segments

MAX_JPEG_SCANS = 100
"""Programs write 10 for a progressive JPEG; each is a pass over all coefficients."""
MAX_JPEG_SEGMENTS = 1000
"""Before the first scan; a colour profile may take 255, and 20 MB of extended XMP 310."""

MAX_JPEG_FILL = 100_000
"""Bytes between these segments, which Pillow reads one by one."""
MAX_PNG_CHUNKS = 10_000
"""Pillow handles each in Python, 3 us; of the usual 8 kB, 20 MB have 2,500."""
MAX_TIFF_TILES = 50_000
"""Strips or tiles, 6 us each; 50 megapixels have 49,000 of 32 x 32 pixels."""
MAX_HEIC_PIXELS = 300_000_000
"""0.4 s for 50 million; of a phone's 48 megapixels: tiles, rotation and gain map, 50 million each."""
MAX_HEIC_METADATA_USES = 50
"""A file with depth and mattes has about 10; pillow-heif reads the metadata again for each."""
MAX_BMP_RUN_LENGTH_BYTES = 5_000_000
"""Pillow decodes run-length encoded BMPs in Python, 5 MB in a second."""
_JPEG_SEGMENTS_TEXT = gettext_noop(
    "This JPEG file has more than %(limit)s segments before its picture. Save it in another program and try again."
)
_JPEG_FILL_TEXT = gettext_noop(
    "This JPEG file has %(found)s filler bytes before its picture, and can have up to %(limit)s. "
    "Save it in another program and try again."
)
_JPEG_SCANS_TEXT = gettext_noop(
    "This JPEG file has %(found)s scans, and can have up to %(limit)s. Save it in another program and try again."
)
_PNG_CHUNKS_TEXT = gettext_noop(
    "This PNG file has more than %(limit)s chunks. Save it in another program and try again."
)
_TIFF_TILES_TEXT = gettext_noop(
    "This TIFF file has %(found)s strips or tiles, and can have up to %(limit)s. "
    "Save it in another program and try again."
)
_BMP_BYTES_TEXT = gettext_noop(
    "This BMP file is run-length encoded and has %(found)s bytes. Such files can have up to %(limit)s. "
    "Save it in another program and try again."
)
_HEIC_PIXELS_TEXT = gettext_noop(
    "This file has %(found)s pixels that are composed or turned. HEIC and AVIF photos can have up to %(limit)s. "
    "Save it in another program and try again."
)
_HEIC_METADATA_TEXT = gettext_noop(
    "This file refers to its metadata %(found)s times. HEIC and AVIF photos can do so up to %(limit)s times. "
    "Save it in another program and try again."
)
_PNG = b"\x89PNG\r\n\x1a\n"
_STRIP_OFFSETS, _TILE_OFFSETS = 273, 324
_RUN_LENGTHS = bytes([1, 0, 0, 0]), bytes([2, 0, 0, 0])


def check_work(data: bytes) -> None:
    """Raise `RecognitionError` of code "too_costly" where an encoded picture has too many parts to decode."""
    if data.startswith(b"\xff\xd8\xff"):
        _check_jpeg(data)
    elif data.startswith(_PNG):
        _check_png(data)
    elif data[:2] in (b"II", b"MM"):
        _check_tiff(data)
    elif data.startswith(b"BM"):
        _check_bmp(data)
    elif data[4:8] == b"ftyp":
        _check_heic(data)


def _check_jpeg(data: bytes) -> None:
    used, end = 2, len(data)
    for found, segment in enumerate(segments(data), start=1):
        if segment.marker == SCAN:
            end = segment.start
            break
        used += 4 + len(segment.content)
        _check(_JPEG_SEGMENTS_TEXT, found, MAX_JPEG_SEGMENTS)
    _check(_JPEG_FILL_TEXT, end - used, MAX_JPEG_FILL)
    # These two bytes may also be in other segments; but to find all segments takes ten times as long as to count them.
    if data.count(bytes([0xFF, SCAN])) > MAX_JPEG_SCANS:
        _check(_JPEG_SCANS_TEXT, sum(segment.marker == SCAN for segment in segments(data)), MAX_JPEG_SCANS)


def _check_png(data: bytes) -> None:
    position, chunks = len(_PNG), 0
    while position < len(data):
        chunks += 1
        _check(_PNG_CHUNKS_TEXT, chunks, MAX_PNG_CHUNKS)
        position += 12 + int.from_bytes(data[position : position + 4], "big")


def _check_tiff(data: bytes) -> None:
    """Count the strips and tiles of the first page by its tags, of which Pillow makes a tile each."""
    file = io.BytesIO(data)
    try:
        tags = ImageFileDirectory_v2(file.read(16 if 43 in data[2:4] else 8))
        file.seek(tags.next)
        tags.load(file)
        tiles = max(len(tags.get(tag, ())) for tag in (_STRIP_OFFSETS, _TILE_OFFSETS))
    except Exception:  # a damaged file, which decoding names
        return
    _check(_TIFF_TILES_TEXT, tiles, MAX_TIFF_TILES)


def _check_bmp(data: bytes) -> None:
    if data[30:34] in _RUN_LENGTHS:
        _check(_BMP_BYTES_TEXT, len(data), MAX_BMP_RUN_LENGTH_BYTES)


def _check_heic(data: bytes) -> None:
    try:
        pixels, descriptions = heic_pixels(data), metadata_references(data)
    except (ValueError, IndexError):  # a damaged file, which decoding names
        return
    _check(_HEIC_PIXELS_TEXT, pixels, MAX_HEIC_PIXELS)
    _check(_HEIC_METADATA_TEXT, descriptions, MAX_HEIC_METADATA_USES)


def _check(text: str, found: int, limit: int) -> None:
    if found > limit:
        raise RecognitionError("too_costly", text, found=found, limit=limit)
