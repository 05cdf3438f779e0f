"""A photo's faces drawn into it, cut out of it, or described for the script that draws over it."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from django.http import FileResponse, Http404
from django.utils.translation import gettext
from PIL import Image as PillowImage

from analysis.files.storage import open_file
from analysis.photos.models import Face, Photo
from analysis.recognition import faces as values
from analysis.recognition.drawing import annotate, encode_jpeg
from analysis.recognition.framing import frame_by_detector, frame_of_box
from analysis.recognition.images import decode
from analysis.templatetags.ui import emotion_name, probability, shown_emotion

CROP_MARGIN = 0.2
"""Margin around a cut-out face on each side, as a share of its box."""
CROP_SIDE = 240
"""Pixels of a cut-out face's longer side."""


def load_picture(photo: Photo) -> tuple[values.Image, float]:
    """Return the stored picture and its scale relative to the original, in whose pixels boxes are.

    Raises `FileNotFoundError`.
    """
    with open_file(photo.picture.name) as handle:
        image = decode(handle.read())
    return image, image.shape[1] / photo.width


def annotated_jpeg(photo: Photo) -> bytes:
    """Return the stored picture as a JPEG with the faces of its current result drawn into it, as corrected."""
    image, scale = load_picture(photo)
    faces = [replace(face, box=face.box.scaled(scale)) for face in photo.result.recognized_faces]
    shown = [face.corrected_emotion for face in photo.result.faces.all()]
    return encode_jpeg(annotate(image, faces, shown, label=face_label))


def face_jpeg(face: Face) -> bytes:
    """Return one face cut out of the stored picture as a JPEG."""
    image, scale = load_picture(face.analysis.photo)
    box = face.value.box.scaled(scale)
    across, down = CROP_MARGIN * box.width, CROP_MARGIN * box.height
    rows = slice(max(0, int(box.y - down)), int(box.y + box.height + down) + 1)
    columns = slice(max(0, int(box.x - across)), int(box.x + box.width + across) + 1)
    crop = PillowImage.fromarray(image[rows, columns])
    factor = CROP_SIDE / max(crop.size)
    size = max(1, round(crop.width * factor)), max(1, round(crop.height * factor))
    return encode_jpeg(np.asarray(crop.resize(size, PillowImage.Resampling.LANCZOS)))


def jpeg_response(draw: Callable[[Any], bytes], row: Photo | Face, **kwargs: Any) -> FileResponse:
    """Return a response with the JPEG drawn of a row; raise `Http404` where the stored picture is missing."""
    try:
        return FileResponse(io.BytesIO(draw(row)), content_type="image/jpeg", **kwargs)
    except FileNotFoundError as error:
        raise Http404 from error


def photo_overlay(photo: Photo, *, as_answered: bool = False) -> dict[str, Any]:
    """Return the `overlay_data` of a photo's current result, as corrected or as the version answered."""
    result = photo.result
    return overlay_data(
        width=photo.width,
        height=photo.height,
        detector=result.detector,
        faces=result.recognized_faces,
        shown=[shown_emotion(face, as_answered) for face in result.faces.all()],
    )


def overlay_data(
    *, width: int, height: int, detector: str, faces: Sequence[values.Face], shown: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return what `overlay.js` draws: the image's size and, of each face, number, circle, emotion and label.

    `shown` are the emotions to show, by default as answered; "" where nobody can tell. A circle is [x, y, radius] in
    the image's pixels.
    """
    frame = frame_by_detector(detector)
    marks = [
        {
            "position": position,
            "circle": _inscribed_circle(frame_of_box(face.box, frame)),
            "emotion": emotion,
            "label": face_label(face, emotion),
        }
        for position, (face, emotion) in enumerate(zip(faces, shown or [f.emotion for f in faces], strict=True), 1)
    ]
    return {"width": width, "height": height, "faces": marks}


def face_label(face: values.Face, emotion: str) -> str:
    """Return what `drawing.english_label` does, in the active language."""
    if emotion != face.emotion:
        if not emotion:
            return gettext("cannot tell")
        return gettext("%(emotion)s, corrected") % {"emotion": emotion_name(emotion)}
    return f"{emotion_name(face.emotion)} {probability(face.confidence)}" + ("?" if face.is_uncertain else "")


def _inscribed_circle(square: values.Box) -> list[float]:
    """Return x, y and radius: a square may be turned about its centre, its circle stays."""
    return [round(number, 1) for number in (*square.centre, square.width / 2)]
