"""What is kept of a photo for showing: a picture without metadata, and a thumbnail."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image as PillowImage

from analysis.recognition.faces import Image

PICTURE_SIDE = 3072
"""Pixels along the longer side of the kept picture; enough to print, a tenth of a camera's file."""
PICTURE_QUALITY = 92
THUMBNAIL_SIDE = 480
THUMBNAIL_QUALITY = 80


@dataclass(frozen=True)
class Renditions:
    """Encoded files: `picture` a JPEG, `thumbnail` a WebP; neither has metadata."""

    picture: bytes
    thumbnail: bytes


def render(image: Image) -> Renditions:
    """Return the files to keep of an upright uint8 RGB (H, W, 3) picture."""
    picture = _shrunk(PillowImage.fromarray(image), PICTURE_SIDE)
    thumbnail = _shrunk(picture, THUMBNAIL_SIDE)
    return Renditions(
        picture=_encode(picture, "JPEG", quality=PICTURE_QUALITY, progressive=True),
        thumbnail=_encode(thumbnail, "WEBP", quality=THUMBNAIL_QUALITY, method=4),
    )


def _shrunk(picture: PillowImage.Image, side: int) -> PillowImage.Image:
    """Return a copy whose longer side is at most `side` pixels; nothing is ever enlarged."""
    copy = picture.copy()
    copy.thumbnail((side, side), PillowImage.Resampling.LANCZOS, reducing_gap=3.0)
    return copy


def _encode(picture: PillowImage.Image, format_name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format_name, **options)
    return buffer.getvalue()
