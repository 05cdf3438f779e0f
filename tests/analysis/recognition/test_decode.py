"""Any encoding of a photo decodes to the same upright uint8 RGB; other files are refused."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage

from analysis.recognition import images
from analysis.recognition.errors import RecognitionError

CORNERS = np.zeros((40, 60, 3), np.uint8)
CORNERS[:20, :30] = (200, 30, 30)
CORNERS[:20, 30:] = (30, 200, 30)
CORNERS[20:, :30] = (30, 30, 200)
CORNERS[20:, 30:] = (200, 200, 200)
"""A picture whose four quarters tell it from each of its turned and mirrored selves."""

GREY = np.repeat(np.linspace(0, 255, 60).round().astype(np.uint8)[np.newaxis], 40, axis=0)


def encode(picture: PillowImage.Image, name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, name, **options)
    return buffer.getvalue()


def corners(mode: str = "RGB") -> PillowImage.Image:
    picture = PillowImage.fromarray(CORNERS)
    return picture.quantize() if mode == "P" else picture.convert(mode)


def png_header(width: int, height: int) -> bytes:
    """A PNG of any size in a hundred bytes: what a decompression bomb looks like from outside."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def assert_is(found: np.ndarray, expected: np.ndarray, *, within: int = 0) -> None:
    assert (found.dtype, found.shape) == (np.uint8, expected.shape)
    assert np.abs(found.astype(int) - expected).max() <= within


def refused(data: bytes, **options: int) -> RecognitionError:
    with pytest.raises(RecognitionError) as caught:
        images.decode(data, **options)
    assert not caught.value.retryable
    return caught.value


@pytest.mark.parametrize(
    ("name", "options", "within"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("AVIF", {"quality": 95, "subsampling": "4:4:4"}, 12),
        ("JPEG", {"quality": 95, "subsampling": 0}, 12),
        ("JPEG", {"quality": 95, "subsampling": 0, "progressive": True}, 12),
    ],
)
def test_it_decodes(name: str, options: dict[str, object], within: int):
    assert_is(images.decode(encode(corners(), name, **options)), CORNERS, within=within)


@pytest.mark.parametrize("name", ["GIF", "WEBP", "PNG", "TIFF"])
def test_it_returns_the_first_frame(name: str):
    black = PillowImage.new("RGB", (60, 40))
    options = {"lossless": True} if name == "WEBP" else {}
    data = encode(corners(), name, save_all=True, append_images=[black, black], **options)
    assert_is(images.decode(data), CORNERS, within=2)


@pytest.mark.parametrize(
    ("mode", "name", "within"), [("P", "PNG", 0), ("P", "GIF", 0), ("CMYK", "TIFF", 2), ("CMYK", "JPEG", 12)]
)
def test_it_converts(mode: str, name: str, within: int):
    options = {"quality": 95} if name == "JPEG" else {}
    assert_is(images.decode(encode(corners(mode), name, **options)), CORNERS, within=within)


@pytest.mark.parametrize(("mode", "name"), [("L", "PNG"), ("L", "JPEG"), ("1", "PNG"), ("LA", "PNG"), ("L", "TIFF")])
def test_grey_becomes_three_equal_channels(mode: str, name: str):
    decoded = images.decode(encode(PillowImage.fromarray(GREY).convert(mode), name))
    expected = np.asarray(PillowImage.fromarray(GREY).convert(mode).convert("L"))
    assert_is(decoded, np.dstack([expected] * 3), within=3)


@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_sixteen_bits_keep_their_brightness(name: str):
    decoded = images.decode(encode(PillowImage.fromarray(GREY.astype(np.uint16) * 257), name))
    assert_is(decoded, np.dstack([GREY] * 3))


@pytest.mark.parametrize(
    ("kind", "scale", "offset"),
    [
        (np.float32, 1 / 255, 0),
        (np.float32, 1, 0),
        (np.float32, 2 / 255, -1),
        (np.float32, 1e6, 0),
        (np.int32, 1, 0),
        (np.int32, 257, 0),
        (np.int32, (2**31 - 1) // 255, 0),
        (np.int32, 1000, -70_000),
        (np.uint16, 1, 0),
    ],
)
def test_grey_of_more_than_eight_bits_keeps_its_brightness(kind: type, scale: float, offset: int):
    grey = (GREY.astype(np.float64) * scale + offset).astype(kind)
    assert_is(images.decode(encode(PillowImage.fromarray(grey), "TIFF")), np.dstack([GREY] * 3), within=1)


def test_unsigned_integers_of_32_bits_keep_their_brightness():
    grey = GREY.astype(np.uint32) * ((2**32 - 1) // 255)
    data = encode(PillowImage.fromarray(grey.view(np.int32)), "TIFF")
    signed, unsigned = (struct.pack("<HHII", 339, 3, 1, kind) for kind in (2, 1))
    assert data.count(signed) == 1
    assert_is(images.decode(data.replace(signed, unsigned)), np.dstack([GREY] * 3), within=1)


def test_numbers_that_are_not_finite_are_black():
    grey = GREY.astype(np.float32)
    grey[0, 59], grey[1, 59] = np.nan, np.inf
    expected = GREY.copy()
    expected[:2, 59] = 0
    assert_is(images.decode(encode(PillowImage.fromarray(grey), "TIFF")), np.dstack([expected] * 3))


def test_transparency_becomes_white():
    picture = corners("RGBA")
    picture.putalpha(PillowImage.fromarray(np.repeat(np.uint8([0, 255]), [20, 20])[:, np.newaxis].repeat(60, 1)))
    expected = CORNERS.copy()
    expected[:20] = 255
    assert_is(images.decode(encode(picture, "PNG")), expected)
    assert_is(images.decode(encode(picture, "WEBP", lossless=True)), expected)


def test_a_transparent_palette_entry_is_white():
    decoded = images.decode(encode(corners("P"), "PNG", transparency=corners("P").getpixel((0, 0))))
    assert tuple(decoded[0, 0]) == (255, 255, 255)
    assert_is(decoded[:, 30:], CORNERS[:, 30:])


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_turns_a_photo_upright(orientation: int, name: str):
    as_stored = {
        1: CORNERS,
        2: CORNERS[:, ::-1],
        3: CORNERS[::-1, ::-1],
        4: CORNERS[::-1],
        5: CORNERS.transpose(1, 0, 2),
        6: np.rot90(CORNERS),
        7: np.rot90(CORNERS, 2).transpose(1, 0, 2),
        8: np.rot90(CORNERS, -1),
    }[orientation]
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    options = {
        "JPEG": {"quality": 95, "subsampling": 0},
        "WEBP": {"lossless": True},
        "AVIF": {"quality": 95, "subsampling": "4:4:4"},
    }.get(name, {})
    data = encode(PillowImage.fromarray(np.ascontiguousarray(as_stored)), name, exif=exif, **options)
    assert_is(images.decode(data), CORNERS, within=12)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_broken_metadata_is_ignored():
    data = encode(corners(), "JPEG", quality=95, subsampling=0, exif=b"Exif\0\0II*\0\xff\xff\xff\xffbroken")
    assert_is(images.decode(data), CORNERS, within=12)


def test_an_empty_file_is_refused():
    assert refused(b"").code == "empty_file"


@pytest.mark.parametrize(
    ("data", "looks_like"),
    [
        (b"Hello, this is my holiday photo.\n", "text"),
        ("Grüße aus dem Urlaub. ".encode() * 40, "text"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "text"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\0\0\0\x20ftypisom", "a video"),
        (b"\0\x01\x02\xff" * 10, "This file is not a photo."),
    ],
)
def test_the_error_names_the_type_of_another_file(data: bytes, looks_like: str):
    error = refused(data)
    assert error.code == "not_an_image"
    assert looks_like in error.message
    assert "JPEG, PNG" in error.message


@pytest.mark.parametrize("name", ["ICO", "TGA", "PPM", "PCX", "EPS", "PDF", "JPEG2000"])
def test_other_formats_of_pillow_are_refused(name: str):
    assert refused(encode(corners(), name)).code == "not_an_image"


@pytest.mark.parametrize("name", images.FORMATS)
@pytest.mark.parametrize("share", [0.1, 0.6])
def test_a_truncated_photo_is_refused(name: str, share: float):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    data = encode(PillowImage.fromarray(noise), name)
    assert refused(data[: int(len(data) * share)]).code == "damaged_image"


def test_sixty_megapixels_are_refused_by_their_header():
    error = refused(png_header(10_000, 6000))
    assert error.code == "too_many_pixels"
    assert "10000 × 6000" in error.message
    assert "PNG photos can have up to 50 megapixels" in error.message


@pytest.mark.parametrize(("width", "height"), [(10_000, 10_000), (65_535, 65_535), (2**31 - 1, 2**31 - 1)])
def test_a_decompression_bomb_is_refused_unopened(width: int, height: int):
    assert refused(png_header(width, height)).code == "too_many_pixels"


def test_the_limit_is_the_callers():
    data = encode(corners(), "PNG")
    assert images.decode(data, max_pixels=60 * 40).shape == (40, 60, 3)
    assert refused(data, max_pixels=60 * 40 - 1).code == "too_many_pixels"


def test_a_limit_above_pillows_own_holds_too():
    assert refused(png_header(15_000, 10_000), max_pixels=200_000_000).code == "damaged_image"


def test_heic_is_decoded_where_pillow_heif_is_installed():
    heif = pytest.importorskip("pillow_heif", reason="pillow-heif is not installed")
    heif.register_heif_opener()
    assert_is(images.decode(encode(corners(), "HEIF", quality=100)), CORNERS, within=30)


SMALL = PillowImage.fromarray(CORNERS[10:30, 20:40])
SAMPLES = {name: encode(SMALL, name) for name in images.FORMATS}


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), name=st.sampled_from(sorted(SAMPLES)))
def test_damage_of_any_kind_gives_a_picture_or_a_refusal(data: st.DataObject, name: str):
    content = bytearray(SAMPLES[name])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(content)))
    with contextlib.suppress(RecognitionError):
        decoded = images.decode(bytes(content[:end]), max_pixels=100_000)
        assert decoded.dtype == np.uint8
        assert decoded.shape[2:] == (3,)
        assert 0 < decoded.shape[0] * decoded.shape[1] <= 100_000
