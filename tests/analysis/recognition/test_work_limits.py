"""Pictures of so many parts that they take long to decode are refused before; those of a part less are read."""

from __future__ import annotations

import re

import pytest
from PIL import Image

from analysis.recognition import images
from analysis.recognition.errors import RecognitionError
from analysis.recognition.heif_boxes import heic_pixels
from analysis.recognition.work_limits import check_work
from tests.support.hostile_pictures import (
    bmp_of_runs,
    heic_of,
    jpeg_of_scans,
    jpeg_of_single_components,
    jpeg_with,
    png_of_chunks,
    tiff_of_strips,
)
from tests.support.pictures import encoded

COMMENT = b"\xff\xfe\x00\x02"


@pytest.mark.parametrize(
    ("most", "beyond", "expected"),
    [
        (jpeg_of_scans(100), jpeg_of_scans(101), "This JPEG file has 101 scans, and can have up to 100."),
        (
            jpeg_with(COMMENT * 990),
            jpeg_with(COMMENT * 1001),
            "This JPEG file has more than 1,000 segments before its picture.",
        ),
        (
            jpeg_with(b"\xff" * 100_000),
            jpeg_with(b"\xff" * 100_001),
            "has 100,001 filler bytes before its picture, and can have up to 100,000.",
        ),
        # A marker without a length hides nothing behind one.
        (
            jpeg_of_scans(100),
            jpeg_of_scans(200).replace(b"\xff\xda", b"\xff\x01\xff\xda"),
            "200 scans, and can have up to 100.",
        ),
        (png_of_chunks(10_000), png_of_chunks(10_001), "This PNG file has more than 10,000 chunks."),
        (
            tiff_of_strips(50_000),
            tiff_of_strips(50_001),
            "This TIFF file has 50,001 strips or tiles, and can have up to 50,000.",
        ),
        (
            bmp_of_runs(5_000_000),
            bmp_of_runs(5_000_001),
            "run-length encoded and has 5,000,001 bytes. Such files can have up to 5,000,000.",
        ),
    ],
)
def test_a_picture_of_too_many_parts_is_refused(most: bytes, beyond: bytes, expected: str):
    images.decode_photo(most)
    with pytest.raises(RecognitionError, match=re.escape(expected)) as caught:
        images.decode_photo(beyond)
    assert (caught.value.code, caught.value.retryable) == ("too_costly", False)


def test_only_a_jpeg_of_one_scan_may_have_four_times_the_pixels():
    data = jpeg_of_single_components(64)
    assert (images.decode_photo(data, max_pixels=64 * 64).image == 128).all()
    with pytest.raises(RecognitionError, match="JPEG photos with several scans") as caught:
        images.decode_photo(data, max_pixels=64 * 64 - 1)
    assert caught.value.code == "too_many_pixels"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (
            {"turns": 7},
            "has 343,000,000 pixels that are composed or turned. HEIC and AVIF photos can have up to 300,000,000.",
        ),
        (
            {"tiles": 7},
            "has 343,000,000 pixels that are composed or turned. HEIC and AVIF photos can have up to 300,000,000.",
        ),
        ({"turns": 3, "tiles": 4}, "has 343,000,000 pixels"),
        ({"described": 51}, "refers to its metadata 51 times. HEIC and AVIF photos can do so up to 50 times."),
        ({"tiles": 60_000, "described": 65_000, "turns": 6}, "has 2,940,294,000,000 pixels"),
    ],
)
def test_a_heic_that_repeats_its_parts_is_refused(parts: dict[str, int], expected: str):
    check_work(heic_of(7000, turns=2, tiles=4, described=50))
    with pytest.raises(RecognitionError, match=re.escape(expected)) as caught:
        check_work(heic_of(7000, **parts))
    assert caught.value.code == "too_costly"


def test_a_real_heic_is_read():
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    data = encoded(Image.new("RGB", (64, 64)), "HEIF", quality=50)
    assert (images.decode_photo(data).width, heic_pixels(data)) == (64, 0)
    check_work(data[:300])
