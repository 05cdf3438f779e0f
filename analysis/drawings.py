"""The annotated picture of a kept photo."""

from __future__ import annotations

from dataclasses import replace

from django.core.files.storage import default_storage

from analysis.models import Photo
from analysis.recognition.drawing import annotate, encode_jpeg
from analysis.recognition.faces import Box, Face
from analysis.recognition.images import decode


def annotated_jpeg(photo: Photo) -> bytes:
    """Return the kept picture as a JPEG with its current result drawn into it."""
    with default_storage.open(photo.picture.name) as handle:
        image = decode(handle.read())
    # Boxes are in the original's pixels, and the kept picture may be smaller.
    scale = image.shape[1] / photo.width
    return encode_jpeg(annotate(image, [_scaled(face, scale) for face in photo.result.recognized_faces]))


def _scaled(face: Face, scale: float) -> Face:
    box = face.box
    return replace(face, box=Box(box.x * scale, box.y * scale, box.width * scale, box.height * scale))
