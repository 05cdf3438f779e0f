"""From where on a picture shows a face too badly: accuracy on smaller, more blurred, darker and turned faces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from analysis.recognition.classifier import Classifier
from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.framing import crop
from analysis.recognition.pose import measure_pose
from analysis.recognition.quality import Pose, QualityWarning, sharpness
from training.learning.data.canvases import Canvas, canvases
from training.learning.data.splits import Split
from training.learning.evaluation.metrics import Images, Labels, Probabilities
from training.learning.evaluation.stress import blurred, share_right, shrunk

SIDES = (40, 36, 32, 28, 24, 20, 16)
SIGMAS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
DIVISORS = (2, 3, 4, 6, 8, 12)
TURNS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, np.inf)
NODS = (-np.inf, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, np.inf)
BORDERS = (-np.inf, -0.05, 0.0, 0.05, 0.1, 0.15, 0.2, np.inf)
"""Bounds of the bins of what `pose` measures: the size of `turn`, `nod` and `border_distance`."""
CUTS = (0.1, 0.2, 0.3, 0.4)
"""Shares of a face's frame that the picture's border cuts off."""

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
class PoseBin:
    """The `n` faces of which `measure` is `lower` to `upper`.

    Shares classified correctly, 0 to 1: found in the picture (`accuracy`), and given to the network as they are
    (`direct`), which tells how hard these faces are in themselves.
    """

    measure: str
    lower: float
    upper: float
    n: int
    accuracy: float
    direct: float


def worsen(classify: Callable[[Images], Probabilities], images: Images, labels: Labels) -> Iterator[Step]:
    """Classify faces, uint8 (N, 48, 48, 1), as they get smaller, more blurred, darker; yield each step."""
    plain = share_right(classify(images), labels)
    for doubt, words, change, measure in _steps():
        changed = np.stack([change(face[..., 0]) for face in images])[..., np.newaxis]
        accuracy = share_right(classify(changed), labels)
        median = float(np.median([measure(face[..., 0]) for face in changed]))
        yield Step(doubt, words, median, accuracy, plain - accuracy)


def by_pose(
    split: Split, detector: FaceDetector, classifier: Classifier, *, face_pixels: int = 192, seed: int = 0
) -> Iterator[PoseBin]:
    """Yield how often faces that are held like that are classified correctly, each enlarged on a grey canvas.

    For `border_distance` the canvas is cut off, so that the next border of it lies in the face.
    """
    canvas = list(canvases(split, face_pixels, seed=seed))
    rows, poses, right = _found(canvas, detector, classifier, split)
    direct = classifier.classify(split.images[..., 0]).argmax(axis=1) == split.labels
    yield from _bins("turn", TURNS, np.abs([pose.turn for pose in poses]), right, direct[rows])
    yield from _bins("nod", NODS, [pose.nod for pose in poses], right, direct[rows])
    rows, poses, right = _found([_cut(each, row) for row, each in enumerate(canvas)], detector, classifier, split)
    yield from _bins("border_distance", BORDERS, [pose.border_distance for pose in poses], right, direct[rows])


def _found(
    canvas: Sequence[Canvas], detector: FaceDetector, classifier: Classifier, split: Split
) -> tuple[list[int], list[Pose], npt.NDArray[np.bool_]]:
    """Return the rows of the faces found, their poses, and which of them are classified correctly."""
    rows, poses, crops = [], [], []
    for row, each in enumerate(canvas):
        if detection := each.pick(detector.detect(each.image)):
            rows.append(row)
            poses.append(measure_pose(detection, each.image.shape[1::-1]))
            crops.append(crop(each.image, [detection], detector.frame)[0])
    return rows, poses, classifier.classify(np.stack(crops)).argmax(axis=1) == split.labels[rows]


def _cut(canvas: Canvas, row: int) -> Canvas:
    """Cut off one side of a canvas so that the border runs through its face; side and share differ from row to row."""
    kept = canvas.side - round(canvas.side * CUTS[row // 4 % len(CUTS)])
    right, bottom = canvas.left + canvas.side, canvas.top + canvas.side
    if row % 4 == 0:
        return replace(canvas, image=canvas.image[:, right - kept :], left=kept - canvas.side)
    if row % 4 == 1:
        return replace(canvas, image=canvas.image[:, : canvas.left + kept])
    if row % 4 == 2:
        return replace(canvas, image=canvas.image[bottom - kept :], top=kept - canvas.side)
    return replace(canvas, image=canvas.image[: canvas.top + kept])


def _bins(
    measure: str,
    bounds: Sequence[float],
    values: npt.ArrayLike,
    right: npt.NDArray[np.bool_],
    direct: npt.NDArray[np.bool_],
) -> Iterator[PoseBin]:
    places = np.digitize(np.asarray(values), bounds[1:-1])
    for place, (lower, upper) in enumerate(pairwise(bounds)):
        chosen = places == place
        if n := int(chosen.sum()):
            yield PoseBin(measure, lower, upper, n, float(right[chosen].mean()), float(direct[chosen].mean()))


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
