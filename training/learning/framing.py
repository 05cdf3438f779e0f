"""Fitting how a detector's boxes relate to FER-2013's frame, and what turning faces upright is worth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.recognition.classifier import Classifier
from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.faces import Detection
from analysis.recognition.framing import Frame, box_centre, box_side, crop, tilt
from training.learning.data.canvases import Canvas, canvases
from training.learning.data.read import Split
from training.learning.errors import LearningError

FACE_PIXELS = 192


@dataclass(frozen=True)
class FrameFit:
    """The median frame over `found` of `n` faces; `spread`: half the central 68 % of scale, right and down."""

    n: int
    found: int
    frame: Frame
    spread: tuple[float, float, float]


@dataclass(frozen=True)
class TurnResult:
    """Of faces tilted by `tilt` degrees: the share found, and of those the share classified rightly for each turn."""

    tilt: float
    found: float
    direct: float
    accuracies: dict[float, float]


def fit_frame(split: Split, detector: FaceDetector, *, seed: int = 0) -> FrameFit:
    """Fit the frame on a split's faces, enlarged to 192 pixels on a grey canvas."""
    pairs = [(canvas, detection) for canvas, detection in _detected(split, detector, seed=seed) if detection]
    if not pairs:
        raise LearningError(f"The detector {detector.name} found no face in {len(split)} pictures.")
    relations = np.array([_relation(canvas, detection, detector.frame.turn) for canvas, detection in pairs])
    low, scale_right_down, high = np.percentile(relations, (16, 50, 84), axis=0)
    scale, right, down = scale_right_down.tolist()
    spread = tuple(((high - low) / 2).tolist())
    return FrameFit(len(split), len(pairs), Frame(scale, right, down, detector.frame.turn), spread)


def compare_turns(
    split: Split, detector: FaceDetector, classifier: Classifier, *, tilt: float, turns: Sequence[float], seed: int = 0
) -> TurnResult:
    """Measure classification of tilted faces when crops undo each share of the eye line's tilt."""
    rows: list[int] = []
    crops: dict[float, list[np.ndarray]] = {turn: [] for turn in turns}
    for row, (canvas, detection) in enumerate(_detected(split, detector, tilt=tilt, seed=seed)):
        if detection is not None:
            rows.append(row)
            for turn in turns:
                crops[turn].append(crop(canvas.image, [detection], replace(detector.frame, turn=turn))[0])
    if not rows:
        return TurnResult(tilt, 0.0, 0.0, dict.fromkeys(turns, 0.0))
    labels = split.labels[rows]
    right = {turn: classifier.classify(np.stack(cut)).argmax(axis=1) == labels for turn, cut in crops.items()}
    direct = classifier.classify(split.images[rows, :, :, 0]).argmax(axis=1) == labels
    accuracies = {turn: float(hits.mean()) for turn, hits in right.items()}
    return TurnResult(tilt, len(rows) / len(split), float(direct.mean()), accuracies)


def _detected(
    split: Split, detector: FaceDetector, *, tilt: float = 0.0, seed: int
) -> Iterator[tuple[Canvas, Detection | None]]:
    for canvas in canvases(split, FACE_PIXELS, tilt=tilt, seed=seed):
        yield canvas, canvas.pick(detector.detect(canvas.image))


def _relation(canvas: Canvas, detection: Detection, turn: float) -> tuple[float, float, float]:
    """Return scale, right and down as `Frame` has them."""
    x, y = box_centre(detection)
    side = box_side(detection)
    right, down = canvas.left + canvas.side / 2 - x, canvas.top + canvas.side / 2 - y
    angle = turn * tilt(detection)
    cosine, sine = math.cos(angle), math.sin(angle)
    return canvas.side / side, (right * cosine + down * sine) / side, (down * cosine - right * sine) / side
