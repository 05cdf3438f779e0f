"""Limits of an encoded picture's parts that cost time each, counted before it is decoded.

Without them a file of a few megabytes takes minutes. The limits are far above what programs write;
`tests/analysis/recognition/test_work_limits.py` has a file beyond each.
"""

from __future__ import annotations

from analysis.recognition.errors import RecognitionError
from analysis.recognition.jpeg import SCAN, segments

MAX_JPEG_SCANS = 100
"""Programs write 10 for a progressive JPEG; each is a pass over all coefficients."""
MAX_JPEG_SEGMENTS = 1000
"""Before the first scan; a colour profile may take 255, and 20 MB of extended XMP 310."""

MAX_JPEG_FILL = 100_000
"""Bytes between these segments, which Pillow reads one by one."""


def check_work(data: bytes) -> None:
    """Raise `RecognitionError` of code "too_costly" where an encoded picture has too many parts to decode."""
    if data.startswith(b"\xff\xd8\xff"):
        _check_jpeg(data)


def _check_jpeg(data: bytes) -> None:
    used, end = 2, len(data)
    for found, segment in enumerate(segments(data), start=1):
        if segment.marker == SCAN:
            end = segment.start
            break
        used += 4 + len(segment.content)
        _check("a JPEG", "segments before its picture", found, MAX_JPEG_SEGMENTS, at_least=True)
    _check("a JPEG", "filling bytes before its picture", end - used, MAX_JPEG_FILL)
    # These two bytes may also be in other segments; but to find all segments takes ten times as long as to count them.
    if data.count(bytes([0xFF, SCAN])) > MAX_JPEG_SCANS:
        _check("a JPEG", "scans", sum(segment.marker == SCAN for segment in segments(data)), MAX_JPEG_SCANS)


def _check(kind: str, parts: str, found: int, limit: int, *, at_least: bool = False) -> None:
    if found > limit:
        came = f"{found:,} or more" if at_least else f"{found:,}"
        message = f"Expected {kind} of at most {limit:,} {parts}; got {came}. Save it anew with another program."
        raise RecognitionError("too_costly", message)
