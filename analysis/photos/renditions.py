"""What is kept of a photo for showing: a picture without metadata, and a thumbnail."""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image as PillowImage

from analysis.recognition.drawing import encode_jpeg
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
    """Return the files to keep of an upright uint8 RGB (H, W, 3) picture.

    Baseline JPEG and the second of WebP's methods: the best of each take five and two times as long for files 5 and
    3 % smaller, while somebody waits.
    """
    picture = _shrunk(image, PICTURE_SIDE)
    return Renditions(
        picture=encode_jpeg(picture, quality=PICTURE_QUALITY),
        thumbnail=_encode_webp(_shrunk(picture, THUMBNAIL_SIDE)),
    )


def _shrunk(image: Image, side: int) -> Image:
    """Return the picture with a longer side of at most `side` pixels; nothing is ever enlarged."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _encode_webp(image: Image) -> bytes:
    buffer = io.BytesIO()
    PillowImage.fromarray(image).save(buffer, "WEBP", quality=THUMBNAIL_QUALITY, method=2)
    return buffer.getvalue()
