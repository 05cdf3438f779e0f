"""Small things to test with: encoded pictures, faces, and photos already in a history."""

from __future__ import annotations

import datetime as dt
import io
import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from django.conf import settings
from PIL import Image

from analysis.photos import services
from analysis.photos.models import Photo
from analysis.photos.renditions import save_renditions
from analysis.recognition.emotions import EMOTIONS, Emotion
from analysis.recognition.faces import Box, Face
from analysis.recognition.renditions import render
from analysis.recognition.result import Milliseconds, Recognition

_numbers = itertools.count(1)


def encode(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def landscape(number: int | None = None) -> bytes:
    """A photo of 96 x 64 pixels with nobody in it, another one for each number."""
    shade = np.random.default_rng(next(_numbers) if number is None else number).integers(0, 256, 3)
    return encode(Image.new("RGB", (96, 64), tuple(int(c) for c in shade)))


def make_face(emotion: str = "happy", confidence: float = 0.9, box: Box | None = None) -> Face:
    """A face whose remaining probability is spread evenly over the other six expressions."""
    rest = (1 - confidence) / 6
    probabilities = tuple(confidence if e == emotion else rest for e in EMOTIONS)
    return Face(box=box or Box(10, 8, 30, 36), score=0.95, probabilities=probabilities)


def make_recognition(faces: Sequence[Face], *, model: str = "test-1", size: tuple[int, int] = (96, 64)) -> Recognition:
    width, height = size
    return Recognition(
        width, height, "centerface", model, tuple(faces), Milliseconds(decode=1.0, detect=4.0, classify=2.0)
    )


def make_photo(
    owner: object,
    *,
    emotions: Sequence[str] = (Emotion.HAPPY,),
    faces: Sequence[Face] | None = None,
    name: str = "photo.jpg",
    created_at: dt.datetime | None = None,
) -> Photo:
    """A photo with files and a result, as an upload would have left it."""
    number = next(_numbers)
    files = save_renditions(render(np.full((64, 96, 3), number % 256, np.uint8)))
    photo = Photo(
        owner=owner,
        name=name,
        sha256=f"{number:064x}",
        width=96,
        height=64,
        **files,
    )
    if created_at is not None:
        photo.created_at = created_at
    photo.save()
    shown = [make_face(emotion) for emotion in emotions] if faces is None else faces
    services.record_analysis(photo=photo, recognition=make_recognition(shown))
    return photo


def kept_files() -> list[str]:
    """Every file under the media folder, by its name there."""
    root = Path(settings.MEDIA_ROOT)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
