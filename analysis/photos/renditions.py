"""The stored files of a photo: a picture and a thumbnail, both without metadata."""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as PillowImage

from analysis.files.storage import delete_files
from analysis.recognition.drawing import encode_jpeg
from analysis.recognition.faces import Image
from analysis.recognition.pixels import shrink

FOLDER = "photos"
PICTURE_QUALITY = 92
THUMBNAIL_SIDE = 480
THUMBNAIL_QUALITY = 80


@dataclass(frozen=True)
class Renditions:
    """Encoded files without metadata: `picture` is a JPEG, `thumbnail` a WebP."""

    picture: bytes
    thumbnail: bytes

    @property
    def size(self) -> int:
        """Bytes of both files."""
        return len(self.picture) + len(self.thumbnail)


def render(image: Image) -> Renditions:
    """Encode an upright uint8 RGB (H, W, 3) image as it is, and small.

    Baseline JPEG and WebP method 2: the best of each take five and two times as long for files 5 and 3 % smaller.
    """
    thumbnail = io.BytesIO()
    small = PillowImage.fromarray(shrink(image, THUMBNAIL_SIDE))
    small.save(thumbnail, "WEBP", quality=THUMBNAIL_QUALITY, method=2)
    return Renditions(picture=encode_jpeg(image, quality=PICTURE_QUALITY), thumbnail=thumbnail.getvalue())


def save_renditions(renditions: Renditions) -> dict[str, Any]:
    """Store both files under a random name, or neither; return their columns of a `Photo`."""
    stem = uuid.uuid4().hex
    picture, thumbnail = (f"{FOLDER}/{stem[:2]}/{stem}.{suffix}" for suffix in ("jpg", "webp"))
    try:
        default_storage.save(picture, ContentFile(renditions.picture))
        default_storage.save(thumbnail, ContentFile(renditions.thumbnail))
    except BaseException:
        # The failed file may be written in part.
        delete_files([picture, thumbnail])
        raise
    return {"picture": picture, "thumbnail": thumbnail, "bytes": renditions.size}
