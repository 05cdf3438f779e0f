"""What detecting and framing cost: FER-2013's faces found on a canvas, against the same faces classified directly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.recognition.classifier import Classifier
from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.framing import crop
from training.learning.data.canvases import CANVAS, canvases
from training.learning.data.read import Split


@dataclass(frozen=True)
class EndToEnd:
    """`found` of `n` faces; the share classified rightly of those found, through the detector and directly."""

    n: int
    found: int
    accuracy_found: float
    accuracy_direct: float


def measure(
    split: Split,
    detector: FaceDetector,
    classifier: Classifier,
    *,
    face_pixels: int,
    canvas: tuple[int, int] = CANVAS,
    seed: int = 0,
) -> EndToEnd:
    """Detect, frame and classify each face of `split`, enlarged to `face_pixels` on a grey canvas (width, height)."""
    rows, crops = [], []
    for row, picture in enumerate(canvases(split, face_pixels, canvas, seed=seed)):
        detection = picture.pick(detector.detect(picture.image))
        if detection is not None:
            rows.append(row)
            crops.append(crop(picture.image, [detection], detector.frame)[0])
    if not rows:
        return EndToEnd(len(split), 0, 0.0, 0.0)
    labels = split.labels[rows]
    through = classifier.classify(np.stack(crops)).argmax(axis=1)
    direct = classifier.classify(split.images[rows, :, :, 0]).argmax(axis=1)
    return EndToEnd(len(split), len(rows), float((through == labels).mean()), float((direct == labels).mean()))
