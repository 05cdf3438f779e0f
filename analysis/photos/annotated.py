"""Pictures made from a kept photo: the annotated one, and one face cut out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image as PillowImage

from analysis.files.storage import open_file
from analysis.photos.models import Face, Photo
from analysis.recognition.drawing import annotate, encode_jpeg
from analysis.recognition.faces import Image
from analysis.recognition.images import decode

CUT_OUT_MARGIN = 0.2
"""How much more than its box is cut out on each side of a face, in shares of the box."""
CUT_OUT_SIDE = 240


def kept_picture(photo: Photo) -> tuple[Image, float]:
    """Return the kept picture and its size relative to the original, in whose pixels boxes are.

    Raises `FileNotFoundError`.
    """
    with open_file(photo.picture.name) as handle:
        image = decode(handle.read())
    return image, image.shape[1] / photo.width


def annotated_jpeg(photo: Photo) -> bytes:
    """Return the kept picture as a JPEG with its current result drawn into it."""
    image, scale = kept_picture(photo)
    faces = [replace(face, box=face.box.scaled(scale)) for face in photo.result.recognized_faces]
    return encode_jpeg(annotate(image, faces))


def face_jpeg(face: Face) -> bytes:
    """Return one face of a kept picture as a JPEG of 240 pixels along its longer side."""
    image, scale = kept_picture(face.analysis.photo)
    box = face.value.box.scaled(scale)
    across, down = CUT_OUT_MARGIN * box.width, CUT_OUT_MARGIN * box.height
    rows = slice(max(0, int(box.y - down)), int(box.y + box.height + down) + 1)
    columns = slice(max(0, int(box.x - across)), int(box.x + box.width + across) + 1)
    cut = PillowImage.fromarray(image[rows, columns])
    factor = CUT_OUT_SIDE / max(cut.size)
    size = max(1, round(cut.width * factor)), max(1, round(cut.height * factor))
    return encode_jpeg(np.asarray(cut.resize(size, PillowImage.Resampling.LANCZOS)))
