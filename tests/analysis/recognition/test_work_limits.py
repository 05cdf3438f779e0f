"""Pictures of so many parts that they take long to decode are refused before; those of a part less are read."""

from __future__ import annotations

import re

import pytest

from analysis.recognition import images
from analysis.recognition.errors import RecognitionError
from tests.support.hostile_pictures import jpeg_of_scans, jpeg_of_single_components, jpeg_with

COMMENT = b"\xff\xfe\x00\x02"


@pytest.mark.parametrize(
    ("most", "beyond", "expected"),
    [
        (jpeg_of_scans(100), jpeg_of_scans(101), "a JPEG of at most 100 scans; got 101"),
        (
            jpeg_with(COMMENT * 990),
            jpeg_with(COMMENT * 1001),
            "a JPEG of at most 1,000 segments before its picture; got 1,001 or more",
        ),
        (
            jpeg_with(b"\xff" * 100_000),
            jpeg_with(b"\xff" * 100_001),
            "a JPEG of at most 100,000 filling bytes before its picture; got 100,001",
        ),
        # A marker without a length hides nothing behind one.
        (jpeg_of_scans(100), jpeg_of_scans(200).replace(b"\xff\xda", b"\xff\x01\xff\xda"), "100 scans; got 200"),
    ],
)
def test_a_picture_of_too_many_parts_is_refused(most: bytes, beyond: bytes, expected: str):
    assert images.decode_photo(most).width == 64
    with pytest.raises(RecognitionError, match=re.escape(expected)) as caught:
        images.decode_photo(beyond)
    assert (caught.value.code, caught.value.retryable) == ("too_costly", False)


def test_only_a_jpeg_of_one_scan_may_have_four_times_the_pixels():
    data = jpeg_of_single_components(64)
    assert (images.decode_photo(data, max_pixels=64 * 64).image == 128).all()
    with pytest.raises(RecognitionError, match="JPEG of several scans") as caught:
        images.decode_photo(data, max_pixels=64 * 64 - 1)
    assert caught.value.code == "too_many_pixels"
