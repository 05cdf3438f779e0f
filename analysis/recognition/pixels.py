"""Pixels of a loaded Pillow picture as RGB, in bands, so that a large picture is in memory about once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage

from analysis.recognition.faces import Image

_BAND_PIXELS = 4_000_000
_ORIENTATION = 0x0112
_UPRIGHT: dict[int, Callable[[Image], npt.NDArray[np.generic]]] = {
    2: lambda image: cv2.flip(image, 1),
    3: lambda image: cv2.rotate(image, cv2.ROTATE_180),
    4: lambda image: cv2.flip(image, 0),
    5: cv2.transpose,
    6: lambda image: cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE),
    7: lambda image: cv2.flip(cv2.transpose(image), -1),
    8: lambda image: cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE),
}
"""How an image of each EXIF orientation becomes upright."""
LYING = frozenset({5, 6, 7, 8})
"""The orientations of images whose width is the upright one's height."""
_SAMPLE_FORMAT = 339
"""TIFF tag; 1, the default, are unsigned integers, which Pillow reads as signed ones."""
_GREY_LIMITS = 255.0, 65535.0

_Floats = npt.NDArray[np.float32]


def orientation_of(picture: PillowImage.Image) -> int:
    """Return the EXIF orientation, 1 to 8; 1, upright, where it is missing or unreadable."""
    try:
        orientation = picture.getexif().get(_ORIENTATION)
    except Exception:  # broken metadata, which is dropped anyway
        return 1
    return orientation if orientation in _UPRIGHT else 1


def upright(image: Image, orientation: int) -> Image:
    """Return an image, uint8 (H, W, 3), of that EXIF orientation turned upright."""
    return np.asarray(_UPRIGHT[orientation](image), np.uint8) if orientation in _UPRIGHT else image


def shrink(image: Image, side: int) -> Image:
    """Return the image with a longer side of at most `side` pixels."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def rgb_pixels(picture: PillowImage.Image, factor: int = 1) -> Image:
    """Return the picture as RGB, uint8 (H, W, 3), each pixel the mean of `factor` x `factor`; transparency on white."""
    convert = _grey_converter(picture) if picture.mode.startswith(("I", "F")) else _to_rgb
    size = -(-picture.height // factor), -(-picture.width // factor), 3
    image = np.empty(size, np.uint8)
    for top, band in _bands(picture, factor):
        rgb = convert(band)
        rows = np.asarray(rgb if factor == 1 else rgb.reduce(factor))
        image[top // factor : top // factor + len(rows)] = rows
    return image


def _bands(picture: PillowImage.Image, factor: int = 1) -> Iterator[tuple[int, PillowImage.Image]]:
    """Yield the first row and the rows of each band; bands but the last have a multiple of `factor` rows."""
    width, height = picture.size
    rows = max(1, _BAND_PIXELS // width // factor) * factor
    if rows >= height:
        yield 0, picture
        return
    for top in range(0, height, rows):
        yield top, picture.crop((0, top, width, min(top + rows, height)))


def _to_rgb(picture: PillowImage.Image) -> PillowImage.Image:
    if picture.has_transparency_data:
        white = PillowImage.new("RGBA", picture.size, "white")
        picture = PillowImage.alpha_composite(white, picture.convert("RGBA"))
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _grey_converter(picture: PillowImage.Image) -> Callable[[PillowImage.Image], PillowImage.Image]:
    """Return what scales bands of grey integers of 16 or 32 bits, or of floats, to RGB; Pillow's own conversion clips.

    Black is 0, or the smallest value where that is negative. White is the first of 1 (floats only), 255 and 65535 that
    no value exceeds, else the largest value.
    """
    tags = getattr(picture, "tag_v2", {})
    unsigned = picture.mode == "I" and tags.get(_SAMPLE_FORMAT, (1,))[0] == 1 and picture.format == "TIFF"
    ranges = [(values.min(), values.max()) for _, band in _bands(picture) for values in [_finite(band, unsigned)]]
    low, largest = min(0.0, *(float(low) for low, _ in ranges)), max(float(high) for _, high in ranges)
    limits = (1.0, *_GREY_LIMITS) if picture.mode.startswith("F") else _GREY_LIMITS
    high = next((limit for limit in limits if low == 0 and largest <= limit), largest)
    scale = 255 / (high - low) if high > low else 0.0

    def convert(band: PillowImage.Image) -> PillowImage.Image:
        grey = np.clip(np.rint((_finite(band, unsigned) - low) * scale), 0, 255).astype(np.uint8)
        return PillowImage.fromarray(grey).convert("RGB")

    return convert


def _finite(band: PillowImage.Image, unsigned: bool) -> _Floats:
    """Return the band's values; of floats, those that are no finite numbers as 0."""
    values = np.asarray(band)
    floats = (values.view(np.uint32) if unsigned else values).astype(np.float32)
    return np.where(np.isfinite(floats), floats, np.float32(0))
