"""The two pictures that are made of a photo: what is stored, and what recognition sees."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PIL import Image as PillowImage

from analysis.recognition.drawing import encode_jpeg
from analysis.recognition.faces import Box, Image
from analysis.recognition.images import MAX_PIXELS, decode_photo
from analysis.recognition.pixels import shrink
from analysis.recognition.result import Recognition

if TYPE_CHECKING:  # the process that renders photos needs no network
    from analysis.recognition.recognizer import Recognizer

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


@dataclass(frozen=True)
class RenderedPhoto:
    """The renditions of a photo of `width` x `height` upright pixels, which took `decode_ms` milliseconds to decode.

    `taken` is when it was taken, in ISO 8601 and without an offset a local time; None where that is not told or was not
    asked for.
    """

    width: int
    height: int
    decode_ms: float
    renditions: Renditions
    taken: str | None = None


def render_photo(data: bytes, *, max_pixels: int = MAX_PIXELS, reads_time: bool = False) -> RenderedPhoto:
    """Decode an encoded photo and render it, in this process; raise as `decode_photo` does.

    `reads_time`: whether to read when it was taken.

    `photo_pool.PhotoPool` does the same in processes with a limit of time and memory.
    """
    started = time.perf_counter()
    photo = decode_photo(data, max_pixels=max_pixels, reads_time=reads_time)
    decode_ms = 1000 * (time.perf_counter() - started)
    taken = photo.taken.isoformat() if photo.taken else None
    return RenderedPhoto(photo.width, photo.height, decode_ms, render(photo.image), taken)


def render(image: Image) -> Renditions:
    """Encode an upright uint8 RGB (H, W, 3) image as it is, and small.

    Baseline JPEG and WebP method 2: the best of each take five and two times as long for files 5 and 3 % smaller.
    """
    thumbnail = io.BytesIO()
    small = PillowImage.fromarray(shrink(image, THUMBNAIL_SIDE))
    small.save(thumbnail, "WEBP", quality=THUMBNAIL_QUALITY, method=2)
    return Renditions(picture=encode_jpeg(image, quality=PICTURE_QUALITY), thumbnail=thumbnail.getvalue())


def recognize_upload(
    recognizer: Recognizer, data: bytes, render: Callable[[bytes], RenderedPhoto], *, marks: Sequence[Box] = ()
) -> tuple[Recognition, RenderedPhoto]:
    """Render an uploaded file, and recognize the faces of the rendered picture, with boxes in the file's pixels.

    Not of the file, because only the rendered picture is stored: another analysis of it has the same answer. `render`
    is `render_photo`, or what does the same in a process of its own where the file is not trusted.
    `marks` are as in `Recognizer.recognize`.
    """
    photo = render(data)
    recognition = recognizer.recognize(photo.renditions.picture, marks=marks).scaled_to(photo.width, photo.height)
    spent = recognition.milliseconds
    milliseconds = replace(spent, decode=spent.decode + photo.decode_ms)
    return replace(recognition, milliseconds=milliseconds), photo
