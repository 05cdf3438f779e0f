"""From where on a picture shows a face too badly: accuracy on smaller, more blurred, darker and turned faces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from analysis.recognition.classifier import Classifier
from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.framing import crop, turn
from analysis.recognition.quality import QualityWarning, sharpness
from training.learning.data.canvases import canvases
from training.learning.data.splits import Split
from training.learning.evaluation.metrics import Images, Labels, Probabilities
from training.learning.evaluation.stress import blurred, share_right, shrunk

SIDES = (40, 36, 32, 28, 24, 20, 16)
SIGMAS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
DIVISORS = (2, 3, 4, 6, 8, 12)
TURNS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, np.inf)
"""Bounds of the bins of `framing.turn`'s size."""

Face = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Step:
    """All faces made worse in one way: `measure` is the median of what the doubt is judged by; shares are 0 to 1."""

    doubt: QualityWarning
    words: str
    measure: float
    accuracy: float
    lost: float


@dataclass(frozen=True)
class TurnBin:
    """Faces that look aside by `lower` to `upper`, and how often they are classified correctly."""

    lower: float
    upper: float
    n: int
    accuracy: float


def worsen(classify: Callable[[Images], Probabilities], images: Images, labels: Labels) -> Iterator[Step]:
    """Classify faces, uint8 (N, 48, 48, 1), as they get smaller, more blurred, darker; yield each step."""
    plain = share_right(classify(images), labels)
    for doubt, words, change, measure in _steps():
        changed = np.stack([change(face[..., 0]) for face in images])[..., np.newaxis]
        accuracy = share_right(classify(changed), labels)
        median = float(np.median([measure(face[..., 0]) for face in changed]))
        yield Step(doubt, words, median, accuracy, plain - accuracy)


def by_turn(
    split: Split, detector: FaceDetector, classifier: Classifier, *, face_pixels: int = 192, seed: int = 0
) -> Sequence[TurnBin]:
    """Return how often faces that look that far aside are classified correctly, each enlarged on a grey canvas."""
    turns, crops, labels = [], [], []
    for picture, label in zip(canvases(split, face_pixels, seed=seed), split.labels, strict=True):
        if detection := picture.pick(detector.detect(picture.image)):
            turns.append(abs(turn(detection)))
            crops.append(crop(picture.image, [detection], detector.frame)[0])
            labels.append(label)
    right = classifier.classify(np.stack(crops)).argmax(axis=1) == np.array(labels)
    places = np.digitize(turns, TURNS[1:-1])
    bins = pairwise(TURNS)
    chosen = ((lower, upper, right[places == place]) for place, (lower, upper) in enumerate(bins))
    return [TurnBin(lower, upper, len(each), float(each.mean())) for lower, upper, each in chosen if len(each)]


def _steps() -> Iterator[tuple[QualityWarning, str, Callable[[Face], Face], Callable[[Face], float]]]:
    for side in SIDES:
        yield QualityWarning.SMALL, f"{side} x {side} pixels", shrunk(side), partial(_always, side)
    for sigma in SIGMAS:
        yield QualityWarning.BLURRED, f"Gaussian blur, sigma {sigma}", blurred(sigma), sharpness
    for divisor in DIVISORS:
        yield QualityWarning.DARK, f"1/{divisor} as bright", _darkened(divisor), _mean


def _darkened(divisor: int) -> Callable[[Face], Face]:
    return lambda face: face // divisor


def _always(value: float, face: Face) -> float:
    return float(value)


def _mean(face: Face) -> float:
    return float(face.mean())
