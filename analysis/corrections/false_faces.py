"""How many places that people called "not a face" a detector and a version still take for one."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from itertools import groupby

from analysis.corrections.models import NOT_A_FACE, Correction
from analysis.photos.annotated import load_picture
from analysis.recognition.errors import RecognitionError
from analysis.recognition.marking import SAME_FACE_OVERLAP
from analysis.recognition.recognizer import Recognizer

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FalseFaces:
    """Of `places` approved in the review, `found` are still taken for a face, `certain` of them not uncertainly."""

    places: int = 0
    found: int = 0
    certain: int = 0

    def __add__(self, other: FalseFaces) -> FalseFaces:
        return FalseFaces(self.places + other.places, self.found + other.found, self.certain + other.certain)


def measure_false_faces(recognizer: Recognizer) -> FalseFaces:
    """Analyse the photos with such places again; those that cannot be read are logged and left out."""
    rows = Correction.objects.approved().filter(emotion=NOT_A_FACE).select_related("face__analysis__photo")
    measured = FalseFaces()
    for photo, group in groupby(
        rows.order_by("face__analysis__photo", "pk"), key=lambda correction: correction.face.analysis.photo
    ):
        try:
            image, scale = load_picture(photo)
        except (OSError, RecognitionError):
            logger.exception("%s cannot be read; what is not a face in it is left out", photo)
            continue
        faces = recognizer.recognize_image(image).faces
        for correction in group:
            box = correction.face.value.box.scaled(scale)
            found = [face for face in faces if box.overlap(face.box) >= SAME_FACE_OVERLAP]
            is_certain = any(not face.is_uncertain for face in found)
            measured += FalseFaces(1, int(bool(found)), int(is_certain))
    return measured
