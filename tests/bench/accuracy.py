"""Accuracy of the shipped network's labels reading: int8 against Keras, and through the detector."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from analysis.recognition.bundle import Bundle
from analysis.recognition.classifier import Classifier
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.readings import Reading
from training.learning.data.read import VALIDATION, Split, read_faces
from training.learning.end_to_end import measure
from training.learning.evaluation.metrics import evaluate, find_engine, load_network

PROJECT = Path(__file__).resolve().parent.parent.parent

Figures = tuple[str, float, str, str]


def keras_predict(bundle: Bundle) -> Callable[[Any], Any]:
    """Return Keras' `predict` on the version's own float32 network, as the `fer` package calls it."""
    model = load_network(bundle.folder)
    return lambda faces: model.predict(faces[..., np.newaxis].astype(np.float32), verbose=0)


def rows(bundle: Bundle) -> Iterator[Figures]:
    """Yield name, value, unit and promise; nothing where FER-2013 is absent, with a line that says so."""
    path = Path(os.environ.get("FER2013_PATH", PROJECT / "data" / "fer2013.csv"))
    if not path.exists():
        print(f"No accuracy was measured: {path} is missing (FER2013_PATH names another place).")
        return
    split = read_faces(path).split(VALIDATION)
    yield from _engines(bundle, split)
    for side, (share, points) in ((192, ("97 or more", "1.0 or less")), (96, ("", "1.5 or less"))):
        result = measure(split, create_detector("centerface"), Classifier(bundle, Reading.LABELS), face_pixels=side)
        yield f"PublicTest faces of {side} px found", 100 * result.found / result.n, "%", share
        yield f"accuracy on those, through the detector at {side} px", 100 * result.accuracy_found, "%", ""
        lost = 100 * (result.accuracy_direct - result.accuracy_found)
        yield f"points lost to detecting and framing at {side} px", lost, "points", points


def _engines(bundle: Bundle, split: Split) -> Iterator[Figures]:
    litert, keras = (_accuracy(bundle, split, engine) for engine in ("litert", "keras"))
    yield "PublicTest accuracy, LiteRT", litert, "%", ""
    yield "PublicTest accuracy, Keras", keras, "%", ""
    yield "points lost to int8", keras - litert, "points", "0.5 or less"


def _accuracy(bundle: Bundle, split: Split, engine: str) -> float:
    return 100 * evaluate(find_engine(engine)(bundle, split.images, Reading.LABELS), split.labels).accuracy
