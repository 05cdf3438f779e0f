"""`python -m tests.bench.box_prediction`: the accuracy lost by predicting faces in every second frame.

PublicTest's faces move over a canvas of 480 x 360 as a head does: to and fro once a second by 0.3 of its width, nearer
and farther, leaning. The last of four frames is classified as detected, and as predicted from the frames before. Needs
FER-2013: FER2013_PATH, or `data/fer2013.csv`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from analysis.recognition.bundle import shipped_default
from analysis.recognition.classifier import Classifier
from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.faces import Detection, Image
from analysis.recognition.framing import crop
from analysis.recognition.tracking import prediction
from analysis.recognition.tracking.prediction import BoxPredictor
from training.learning.data.read import VALIDATION, read_faces

PROJECT = Path(__file__).resolve().parent.parent.parent
ROWS = int(os.environ.get("BENCH_ROWS", "1200"))
SIZE = 480, 360
FACE_PIXELS = 130
RATES = 30, 20, 15, 10, 5


def draw_moving(face: np.ndarray, phases: np.ndarray, at: float) -> Image:
    """Return the frame at a second; `face` is uint8 (48, 48)."""
    turn = 2 * np.pi * at + phases
    x, y = SIZE[0] / 2 + 0.3 * FACE_PIXELS * np.sin(turn[0]), SIZE[1] / 2 + 0.2 * FACE_PIXELS * np.sin(turn[1])
    scale = FACE_PIXELS / 48 * (1 + 0.08 * np.sin(turn[2] / 2))
    lean = np.deg2rad(6) * np.sin(0.7 * turn[3])
    cosine, sine = scale * np.cos(lean), scale * np.sin(lean)
    moved = np.array([[cosine, -sine, x - 23.5 * (cosine - sine)], [sine, cosine, y - 23.5 * (sine + cosine)]])
    grey = cv2.warpAffine(face, moved, SIZE, flags=cv2.INTER_CUBIC, borderValue=128)
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)


def detections_of(
    face: np.ndarray, phases: np.ndarray, rate: float, detector: FaceDetector
) -> tuple[Image, Detection, Detection] | None:
    """Return the last frame, its face as detected and as predicted; None if it cannot be predicted."""
    predictor = BoxPredictor()
    # A predicted frame lies between two detected ones.
    for index in (0, 2):
        found = detector.detect(draw_moving(face, phases, index / rate))
        predictor.record(found, index / rate, SIZE)
    last = draw_moving(face, phases, 3 / rate)
    predicted, detected = predictor.predict(3 / rate, SIZE), detector.detect(last)
    return (last, detected[0], predicted[0]) if predicted and len(detected) == 1 else None


def measure(rate: float, faces: np.ndarray, labels: np.ndarray) -> list[str]:
    detector, classifier = create_detector("centerface"), Classifier(shipped_default(PROJECT / "models_store"))
    rng = np.random.default_rng(0)
    crops, kept = [], []
    for face, label in zip(faces, labels, strict=True):
        if found := detections_of(face, rng.uniform(0, 2 * np.pi, 4), rate, detector):
            image, *both = found
            crops.append(crop(image, both, detector.frame))
            kept.append(label)
    answers = np.stack([classifier.classify(pair).argmax(axis=1) for pair in crops])
    right = (answers == np.array(kept)[:, None]).mean(axis=0)
    return [str(rate), f"{len(kept)} of {len(faces)}", f"{right[0]:.1%}", f"{right[1]:.1%}"]


def main() -> None:
    path = Path(os.environ.get("FER2013_PATH", PROJECT / "data" / "fer2013.csv"))
    if not path.exists():
        sys.exit(f"Nothing was measured: {path} is missing (FER2013_PATH names another place).")
    split = read_faces(path).split(VALIDATION)
    chosen = np.sort(np.random.default_rng(0).permutation(len(split))[:ROWS])
    # Measure gaps at which the predictor would not predict, too.
    prediction.MAX_SECONDS = 1.0
    prediction.MIN_OVERLAP = 0.0
    table = Table("frames a second", "predicted", "accuracy, detected", "accuracy, predicted")
    for rate in RATES:
        table.add_row(*measure(rate, split.images[chosen].reshape(-1, 48, 48), split.labels[chosen]))
    Console(width=None if sys.stdout.isatty() else 100).print(table)


if __name__ == "__main__":
    main()
