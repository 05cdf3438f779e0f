"""How many pixels a HEIC file has to decode, copy and turn for its picture, by the boxes before its data.

ISO/IEC 14496-12 (boxes, references) and 23008-12 (items, properties, derived images).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain

from analysis.recognition.errors import RecognitionError, gettext_noop

_FULL_BOX = 4
"""Bytes of version and flags before the content of some boxes."""
_MAX_TABLE_BYTES = 400_000
"""Of properties and of references: 0.2 s to count."""
_TURNS = {b"irot", b"imir", b"clap"}

Box = tuple[bytes, int, int]
"""Kind, first byte of the content, and the byte after it."""


def heic_pixels(data: bytes) -> int:
    """Return the pixels of each item times its turns, and of each item for each picture that is composed of it.

    Raises `RecognitionError` of code "too_costly" where that would take long to count, and `ValueError` or `IndexError`
    for a damaged file.
    """
    return sum(_pixels_of(data, begin + _FULL_BOX, end) for begin, end in _find(data, 0, len(data), b"meta"))


def metadata_references(data: bytes) -> int:
    """Return how many items are described by items of metadata, counted for each; raises as `heic_pixels` does."""
    return sum(
        len(items)
        for begin, end in _find(data, 0, len(data), b"meta")
        for kind, items in _references(data, begin + _FULL_BOX, end)
        if kind == b"cdsc"
    )


def _pixels_of(data: bytes, begin: int, end: int) -> int:
    """Return the pixels that the items of a `meta` box cost."""
    pixels: dict[int, int] = defaultdict(int)
    work = 0
    for properties in _find(data, begin, end, b"iprp"):
        sizes, turns = _properties(data, _find(data, *properties, b"ipco"))
        for item, indices in _associations(data, _find(data, *properties, b"ipma")):
            pixels[item] = max([pixels[item], *(sizes.get(index, 0) for index in indices)])
            work += pixels[item] * sum(index in turns for index in indices)
    # An item that states no size has at most that of another.
    largest = max(pixels.values(), default=0)
    return work + sum(pixels.get(item, 0) or largest for item in _composed(data, begin, end))


def _boxes(data: bytes, position: int, end: int) -> Iterator[Box]:
    while position + 8 <= end:
        size, header = _number(data, position, 4), 8
        if size == 1:
            size, header = _number(data, position + 8, 8), 16
        size = size or end - position
        if size < header:
            raise ValueError(f"expected a box of at least {header} bytes at {position}; got {size}")
        yield data[position + 4 : position + 8], position + header, min(position + size, end)
        position += size


def _find(data: bytes, position: int, end: int, kind: bytes) -> list[tuple[int, int]]:
    """Return where the content of each box of this kind begins and ends."""
    return [(begin, last) for found, begin, last in _boxes(data, position, end) if found == kind]


def _properties(data: bytes, boxes: list[tuple[int, int]]) -> tuple[dict[int, int], set[int]]:
    """Return the pixels of each property that is a size, and the properties that turn or cut, by number from 1."""
    sizes, turns = {}, set()
    found = chain.from_iterable(_boxes(data, *box) for box in boxes)
    for index, (kind, begin, _) in enumerate(found, start=1):
        if kind == b"ispe":
            sizes[index] = _number(data, begin + _FULL_BOX, 4) * _number(data, begin + _FULL_BOX + 4, 4)
        elif kind in _TURNS:
            turns.add(index)
    return sizes, turns


def _associations(data: bytes, boxes: list[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
    """Yield each item and the numbers of its properties."""
    for position, end in boxes:
        _check_size(position, end)
        item_bytes = 4 if data[position] else 2
        index_bytes = 2 if data[position + 3] & 1 else 1
        # The highest bit says that the property is essential.
        mask = (1 << (8 * index_bytes - 1)) - 1
        position += _FULL_BOX + 4
        while position < end:
            item, properties = _number(data, position, item_bytes), data[position + item_bytes]
            position += item_bytes + 1
            yield item, [_number(data, position + i * index_bytes, index_bytes) & mask for i in range(properties)]
            position += properties * index_bytes


def _check_size(begin: int, end: int) -> None:
    if end - begin > _MAX_TABLE_BYTES:
        text = gettext_noop(
            "This file has metadata tables of %(found)s bytes. HEIC and AVIF photos can have up to %(limit)s. "
            "Save it in another program and try again."
        )
        raise RecognitionError("too_costly", text, found=end - begin, limit=_MAX_TABLE_BYTES)


def _composed(data: bytes, begin: int, end: int) -> Iterator[int]:
    """Yield the items that others are composed of, each as often as it is referred to."""
    for kind, items in _references(data, begin, end):
        if kind == b"dimg":
            yield from items


def _references(data: bytes, begin: int, end: int) -> Iterator[tuple[bytes, list[int]]]:
    """Yield the kind and the target items of each reference between items."""
    for kind, position, last in _boxes(data, begin, end):
        if kind == b"iref":
            _check_size(position, last)
            item_bytes = 4 if data[position] else 2
            for reference, start, _ in _boxes(data, position + _FULL_BOX, last):
                count = _number(data, start + item_bytes, 2)
                first = start + item_bytes + 2
                yield reference, [_number(data, first + i * item_bytes, item_bytes) for i in range(count)]


def _number(data: bytes, position: int, size: int) -> int:
    if position + size > len(data):
        raise IndexError(f"expected {size} bytes at {position}; the file has {len(data)}")
    return int.from_bytes(data[position : position + size], "big")
