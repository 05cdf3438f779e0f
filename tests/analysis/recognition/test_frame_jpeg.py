"""Live frames are decoded as photos are, only faster."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as PillowImage

from analysis.recognition import frame_jpeg, images
from analysis.recognition.errors import RecognitionError

MAX_PIXELS = 1_000_000


@pytest.fixture(scope="module")
def portrait(hopper: bytes) -> PillowImage.Image:
    return PillowImage.open(io.BytesIO(hopper)).resize((300, 352))


def encoded(picture: PillowImage.Image, **options: object) -> bytes:
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=80, **options)
    return data.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize(
    "options",
    [{}, {"progressive": True}, {"subsampling": "4:4:4"}, {"restart_marker_rows": 2}],
    ids=["plain", "progressive", "full colour", "restarts"],
)
@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
def test_the_pixels_are_those_of_a_photo(portrait: PillowImage.Image, mode: str, options: dict, orientation: int):
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    data = encoded(portrait.convert(mode), exif=exif, **options)
    image, milliseconds = frame_jpeg.decode_timed(data, max_pixels=MAX_PIXELS)
    expected = images.decode(data)
    assert (image.shape, image.dtype) == (expected.shape, np.uint8)
    assert np.abs(image.astype(int) - expected).max() <= 2
    assert milliseconds > 0


def test_a_frame_that_lacks_its_last_bytes_is_still_read(portrait: PillowImage.Image):
    data = encoded(portrait)[:-20]
    image, _ = frame_jpeg.decode_timed(data, max_pixels=MAX_PIXELS)
    assert np.array_equal(image, images.decode(data))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda data: b"", "empty_file"),
        (lambda data: data[: len(data) // 2], "damaged_image"),
        (lambda data: data[:40], "damaged_image"),
        (lambda data: data[:2] + b"\xff\xc0\xff\xd9", "damaged_image"),
        (lambda data: data[:200] + b"\xff\xd9", "damaged_image"),
        (lambda data: b"\xff\xd8" + b"\xff\xe0\0\0" * 1000 + b"\xff\xd9", "damaged_image"),
        (lambda data: b"text", "not_an_image"),
    ],
)
def test_anything_else_has_a_photos_error(portrait: PillowImage.Image, change, code: str):
    with pytest.raises(RecognitionError) as raised:
        frame_jpeg.decode_timed(change(encoded(portrait)), max_pixels=MAX_PIXELS)
    assert raised.value.code == code


def test_its_size_is_checked_before_it_is_decoded(portrait: PillowImage.Image):
    with pytest.raises(RecognitionError, match="300 × 352") as raised:
        frame_jpeg.decode_timed(encoded(portrait), max_pixels=300 * 352 - 1)
    assert raised.value.code == "too_many_pixels"
