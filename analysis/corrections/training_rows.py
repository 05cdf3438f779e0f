"""Approved corrections as training rows in the format of FER-2013."""

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
from analysis.recognition.framing import SIDE, crop
from analysis.recognition.marking import detect_marked, find_same

logger = logging.getLogger(__name__)


class TrainingRows(NamedTuple):
    """`images` uint8 (N, 48, 48, 1), grey, framed as FER-2013's faces; `labels` int64 (N,), 0 to 6.

    `authors` has the number of rows by id of the user who made the corrections.
    """

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    authors: Mapping[int, int]


def approved_rows() -> TrainingRows:
    """Return the faces of the training pool in a fixed order; photos that cannot be read are logged and left out.

    Raises `RecognitionError` of code "detector_missing".
    """
    pool = Correction.objects.training_pool().order_by("face__analysis__photo", "pk")
    pool = pool.select_related("face__analysis__photo")
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
    """Return framed faces, uint8 (N, 48, 48).

    The faces are detected again: saved boxes are clipped at the image's edge and may come from another detector.
    """
    image, scale = load_picture(photo)
    found = detector.detect(image)
    boxes = [correction.face.value.box.scaled(scale) for correction in corrections]
    detections = [find_same(box, found) or detect_marked(image, box, detector) for box in boxes]
    return crop(image, detections, detector.frame)
