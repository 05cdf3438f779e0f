"""Large photos are decoded to a reduced image, and JPEGs that lack their last bytes where nearly all rows are there."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as PillowImage

from analysis.recognition import images
from analysis.recognition.errors import RecognitionError
from analysis.recognition.pixels import rgb_pixels
from tests.analysis.recognition.test_decode import encode

SIZE = 320, 200
PORTRAIT = PillowImage.effect_noise(SIZE, 60).resize((40, 25)).resize(SIZE)
"""Smooth blobs: a JPEG of them differs little from them."""


def cut(data: bytes, share: float) -> bytes:
    """Return the first bytes: the header and this share of the last scan's data."""
    start = data.rindex(b"\xff\xda")
    return data[: start + int((len(data) - start) * share)]


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
def test_a_jpeg_without_its_last_bytes_is_read(mode: str, options: dict[str, int]):
    data = encode(PORTRAIT.convert(mode), "JPEG", quality=90, **options)
    whole, read = images.decode(data), images.decode(cut(data, 0.97))
    assert read.shape == whole.shape
    rows = 184
    assert np.abs(read[:rows].astype(int) - whole[:rows]).max() <= 8
    assert np.array_equal(images.decode(data[:-2]), whole)


def test_rows_that_are_missing_are_grey():
    data = encode(PORTRAIT.convert("RGB"), "JPEG", quality=90)
    assert (images.decode(cut(data, 0.97))[-3:, -16:] == 128).all()


@pytest.mark.parametrize(
    ("share", "options", "expected"),
    [
        (0.8, {}, r"only [78]\d% of its rows, and at least 95% are needed"),
        (0.0, {}, "only 0% of its rows"),
        (0.0, {"progressive": True}, "ends before the last of its scans"),
    ],
)
def test_a_jpeg_without_more_than_that_is_refused(share: float, options: dict[str, bool], expected: str):
    data = encode(PORTRAIT.convert("RGB"), "JPEG", quality=90, **options)
    data = data[: data.index(b"\xff\xda") + 600] if options else cut(data, share)
    with pytest.raises(RecognitionError, match=expected) as caught:
        images.decode(data)
    assert caught.value.code == "damaged_image"


def test_a_large_jpeg_without_its_last_bytes_is_read():
    data = encode(PORTRAIT.convert("RGB").resize((6400, 4000)), "JPEG")
    photo = images.decode_photo(cut(data, 0.98))
    assert (photo.width, photo.height, photo.image.shape) == (6400, 4000, (1920, 3072, 3))


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("size", [(3072, 40), (3073, 40), (30, 6144), (9300, 41), (16_000, 20)])
def test_a_large_photo_is_reduced(name: str, size: tuple[int, int]):
    picture = PORTRAIT.convert("RGB").resize(size)
    photo = images.decode_photo(encode(picture, name, quality=90))
    scale = min(1, 3072 / max(size))
    expected = picture.resize([max(1, round(side * scale)) for side in size], PillowImage.Resampling.BOX)
    assert (photo.width, photo.height) == size
    assert photo.image.shape == (expected.height, expected.width, 3)
    assert np.abs(photo.image.astype(int) - np.asarray(expected)).mean() < 4


def test_the_size_is_the_upright_photos():
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    photo = images.decode_photo(encode(PORTRAIT.resize((6400, 64)), "JPEG", exif=exif))
    assert (photo.width, photo.height, photo.image.shape) == (64, 6400, (3072, 31, 3))


def test_a_jpeg_may_have_four_times_the_pixels():
    data = encode(PORTRAIT, "JPEG")
    pixels = SIZE[0] * SIZE[1]
    assert images.decode_photo(data, max_pixels=pixels // 4).width == SIZE[0]
    for refused in (data, encode(PORTRAIT, "JPEG", progressive=True), encode(PORTRAIT, "PNG")):
        with pytest.raises(RecognitionError, match="can have up to") as caught:
            images.decode_photo(refused, max_pixels=pixels // 4 - 1)
        assert caught.value.code == "too_many_pixels"
    with pytest.raises(RecognitionError, match="Progressive JPEG photos"):
        images.decode_photo(encode(PORTRAIT, "JPEG", progressive=True), max_pixels=pixels - 1)


@pytest.mark.parametrize("mode", ["RGBA", "P", "I", "L"])
@pytest.mark.parametrize("factor", [1, 2])
def test_bands_make_the_same_image(mode: str, factor: int, monkeypatch: pytest.MonkeyPatch):
    picture = PORTRAIT.convert(mode)
    whole = rgb_pixels(picture, factor)
    monkeypatch.setattr("analysis.recognition.pixels._BAND_PIXELS", 7 * SIZE[0])
    assert np.array_equal(rgb_pixels(picture, factor), whole)
