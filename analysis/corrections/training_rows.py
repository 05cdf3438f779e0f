"""The corrections that may train a network, as rows like FER-2013's."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from django.conf import settings

from analysis.corrections.models import Correction
from analysis.photos.annotated import load_picture
from analysis.photos.models import Photo
from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Box, Detection
from analysis.recognition.framing import SIDE, crop

FOUND_AGAIN = 0.3
"""Intersection over union from which a face found now is the corrected one."""
logger = logging.getLogger(__name__)


class TrainingRows(NamedTuple):
    """`images` uint8 (N, 48, 48, 1), grey, framed as FER-2013's faces; `labels` int64 (N,), 0 to 6.

    `authors` are the ids of those who corrected them, and how many rows are each one's.
    """

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    authors: Mapping[int, int]


def approved_rows() -> TrainingRows:
    """Return the faces whose correction is approved and whose owner's consent stands, in a fixed order.

    Raises `RecognitionError` of code "detector_missing". A photo that cannot be read is left out, and logged.
    """
    pool = Correction.objects.pool().select_related("face__analysis__photo").order_by("face__analysis__photo", "pk")
    crops, labels = [np.empty((0, SIDE, SIDE), np.uint8)], []
    authors: Counter[int] = Counter()
    detector: FaceDetector | None = None
    for photo, group in groupby(pool, key=lambda correction: correction.face.analysis.photo):
        corrections = list(group)
        detector = detector or create_detector(settings.FACE_DETECTOR)
        try:
            crops.append(_crops(photo, corrections, detector))
        except (OSError, RecognitionError):
            logger.exception("%s cannot be read; its corrections are left out", photo)
            continue
        labels += [EMOTIONS.index(correction.emotion) for correction in corrections]
        authors.update(correction.by_id for correction in corrections)
    return TrainingRows(np.concatenate(crops)[..., None], np.array(labels, np.int64), authors)


def _crops(photo: Photo, corrections: Sequence[Correction], detector: FaceDetector) -> npt.NDArray[np.uint8]:
    """Frame corrected faces, uint8 (N, 48, 48).

    They are detected again, because kept boxes end at the picture's edge and another detector may have made them.
    """
    image, scale = load_picture(photo)
    found = detector.detect(image)
    boxes = [correction.face.value.box.scaled(scale) for correction in corrections]
    return crop(image, [_found_again(box, found) for box in boxes], detector.frame)


def _found_again(box: Box, found: Sequence[Detection]) -> Detection:
    best = max(found, key=lambda detection: box.overlap(detection.box), default=None)
    if best is not None and box.overlap(best.box) >= FOUND_AGAIN:
        return best
    eyes_level = box.y + 0.4 * box.height
    left, right = box.x + 0.3 * box.width, box.x + 0.7 * box.width
    nose = (left + right) / 2, box.y + 0.6 * box.height
    return Detection(box, score=0.0, left_eye=(left, eyes_level), right_eye=(right, eyes_level), nose=nose)
