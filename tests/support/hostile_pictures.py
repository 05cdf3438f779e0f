"""Small files that take long to decode: each repeats one part of a picture that readers handle one by one."""

from __future__ import annotations

import struct
import zlib

from PIL import Image

from analysis.recognition.jpeg import SCAN, segments
from tests.support.pictures import encoded


def jpeg_of_scans(scans: int, side: int = 64) -> bytes:
    """Return a progressive JPEG of `side` x `side` pixels whose last scan is repeated until there are `scans`."""
    data = encoded(Image.new("RGB", (64, 64)), "JPEG", progressive=True)
    starts = [segment.start for segment in segments(data) if segment.marker == SCAN]
    frame = next(segment for segment in segments(data) if segment.marker == 0xC2).start
    sized = data[: frame + 5] + 2 * side.to_bytes(2, "big") + data[frame + 9 : -2]
    return sized + data[starts[-1] : -2] * (scans - len(starts)) + data[-2:]


def jpeg_of_single_components(side: int) -> bytes:
    """Return a grey baseline JPEG of `side` x `side` pixels with a scan for each of its three components."""
    grey = encoded(Image.new("L", (side, side), 128), "JPEG")
    found = {segment.marker: segment for segment in segments(grey)}
    frame, scan = found[0xC0], found[SCAN]
    components = b"".join(bytes([number, 0x11, 0]) for number in (1, 2, 3))
    header = b"\xff\xc0\x00\x11" + frame.content[:5] + b"\x03" + components
    pixels = grey[scan.start + 2 + 2 + len(scan.content) : -2]
    scans = b"".join(b"\xff\xda\x00\x08\x01" + bytes([number, 0, 0, 63, 0]) + pixels for number in (1, 2, 3))
    tables = grey[frame.start + 4 + len(frame.content) : scan.start]
    return grey[: frame.start] + header + tables + scans + b"\xff\xd9"


def jpeg_with(prefix: bytes) -> bytes:
    """Return a JPEG with these bytes before its other segments."""
    data = encoded(Image.new("RGB", (64, 64)), "JPEG")
    return data[:2] + prefix + data[2:]


def png_of_chunks(chunks: int) -> bytes:
    """Return a PNG with so many chunks, most of them empty."""
    data = encoded(Image.new("RGB", (64, 64)), "PNG")
    empty = struct.pack(">I", 0) + b"abCd" + struct.pack(">I", zlib.crc32(b"abCd"))
    return data[:-12] + empty * (chunks - 3) + data[-12:]


def tiff_of_strips(strips: int) -> bytes:
    """Return a grey TIFF of a pixel times `strips`, each row a strip, all at the same place of the file."""
    tags = (
        *((256, 1, 1), (257, 1, strips), (258, 1, 8), (259, 1, 1), (262, 1, 1)),
        *((273, strips, 110), (278, 1, 1), (279, strips, 110 + 4 * strips)),
    )
    entries = b"".join(struct.pack("<HHII", tag, 4, count, value) for tag, count, value in tags)
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)
    return head + struct.pack("<I", 8) * strips + struct.pack("<I", 1) * strips


def bmp_of_runs(size: int) -> bytes:
    """Return a BMP file of `size` bytes in which each two bytes are a run of one pixel."""
    head = 14 + 40 + 1024
    rows = (size - head) // 400
    pixels = (b"\1\5" * 199 + b"\0\0") * rows
    info = struct.pack("<IiiHHIIiiII", 40, 199, rows, 1, 8, 1, len(pixels), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", size, 0, 0, head) + info + bytes(1024) + pixels.ljust(size - head, b"\0")


def heic_of(side: int, *, turns: int = 0, tiles: int = 0, described: int = 0) -> bytes:
    """Return the boxes before the data of a HEIC of a picture of `side` x `side` pixels.

    It is turned so often, or is a grid of so many times the same tile, or so many pictures share their metadata.
    """
    size = _full_box(b"ispe", struct.pack(">II", side, side))
    properties = _box(b"ipco", size + _box(b"irot", b"\1"))
    used = bytes([1] + [0x82] * turns)
    associations = struct.pack(">I", 1) + struct.pack(">HB", 1, len(used)) + used
    references = _box(b"dimg", struct.pack(">HH", 2, tiles) + b"\0\1" * tiles)
    references += _box(b"cdsc", struct.pack(">HH", 3, described) + b"\0\1" * described)
    boxes = _box(b"iprp", properties + _full_box(b"ipma", associations)) + _full_box(b"iref", references)
    return _box(b"ftyp", b"heic\0\0\0\0mif1") + _full_box(b"meta", boxes)


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def _full_box(kind: bytes, content: bytes) -> bytes:
    return _box(kind, bytes(4) + content)
