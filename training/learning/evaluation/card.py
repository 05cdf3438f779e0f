"""What a model version says about itself: `card.json`."""

from __future__ import annotations

import importlib.metadata
import platform
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import keras
import numpy as np

from analysis.recognition.bundle import Bundle
from analysis.recognition.classifier import Classifier
from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.golden import golden_faces
from training.learning.data.read import SIDE, TEST, TRAINING, VALIDATION, FaceData, Split
from training.learning.evaluation.choices import choose_serving
from training.learning.evaluation.figures import answer_split, figures_without_twins
from training.learning.evaluation.stress import stress
from training.learning.fit import Fitted
from training.learning.network.export import Exported
from training.learning.recipes import TrainingConfig

LIMITS = (
    "The network names the expression a face shows, not what the person feels.",
    "FER-2013's labels are few people's reading of small grey web pictures, and people often disagree on them.",
    "FER-2013 has no labels of age, sex or skin tone, so there are no figures per group; expect them to differ.",
    "Faces turned away, covered, badly lit or smaller than about 48 pixels are named less reliably.",
)

_LIBRARIES = ("keras", "tensorflow", "ai-edge-litert", "numpy", "opencv-python-headless")


@dataclass(frozen=True)
class Origin:
    """What a version was trained from, and whether it is to answer by the mean over a face and its mirror image."""

    data: FaceData
    config: TrainingConfig
    fitted: Fitted
    limit: int | None = None
    mirrored: bool = False


def write_card(name: str, origin: Origin, exported: Exported, beside: Sequence[Bundle] = ()) -> dict[str, Any]:
    """Return the card of a network just exported; PrivateTest is looked at here, once, and nothing follows from it.

    `beside` are verified versions whose figures on this network's PublicTest rows the card keeps, so that they can
    be compared even where this one was trained on a part of the data or on other data.
    """
    validation = origin.data.split(VALIDATION)
    uncalibrated = Classifier(exported.bundle({"mirrored": origin.mirrored}))
    serving = choose_serving(uncalibrated.read(validation.images[..., 0]), validation).as_card()
    bundle = exported.bundle({**serving, "mirrored": origin.mirrored})
    answers = {name: answer_split(bundle, split) for name, split in _measured(origin.data).items()}
    others = {other.name: answer_split(other, validation).readings for other in beside}
    return {
        "name": name,
        "classes": [emotion.value for emotion in EMOTIONS],
        "input": {
            "shape": [1, SIDE, SIDE, 1],
            "dtype": "uint8" if exported.precision == "int8" else "float32",
            "range": [0, 255],
            "order": "grey, as FER-2013",
        },
        "architecture": origin.config.architecture,
        "parameters": origin.fitted.parameters,
        **serving,
        "prior_strength": exported.prior_strength,
        "mirrored": origin.mirrored,
        "trained": _training(origin),
        "libraries": _versions(),
        "conversion": _conversion(exported),
        "evaluation": {name: each.against_labels for name, each in answers.items()},
        "readings": {name: each.readings for name, each in answers.items()},
        "without_twins": {
            name: figures_without_twins(each, origin.data.split(TRAINING)) for name, each in answers.items()
        },
        "stress": _stress(bundle, origin.data),
        "beside": {name: figures["labels"] for name, figures in others.items()},
        "beside_readings": others,
        "golden": Classifier(bundle).classify(golden_faces()).astype(float).round(4).tolist(),
        "milliseconds_per_face": _milliseconds(bundle),
        "limits": list(LIMITS),
    }


def _training(origin: Origin) -> dict[str, Any]:
    data = origin.data
    return {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": {
            "name": data.path.name,
            "sha256": data.sha256,
            "votes": data.votes_path.name if data.votes_path else None,
            "votes_sha256": data.votes_sha256,
            "limit": origin.limit,
            "rows": {name: len(split) for name, split in data.splits.items()},
            "class_counts": {name: split.class_counts().tolist() for name, split in data.splits.items()},
        },
        "configuration": asdict(origin.config),
        "seed": origin.config.seed,
        "seconds": origin.fitted.seconds,
        "history": origin.fitted.history,
    }


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "keras backend": keras.backend.backend()}
    for name in _LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _conversion(exported: Exported) -> dict[str, Any]:
    return {
        "precision": exported.precision,
        "fallback": exported.fallback or None,
        "compared_on": VALIDATION,
        "keras_accuracy": exported.keras_accuracy,
        "litert_accuracy": exported.litert_accuracy,
        "difference": exported.litert_accuracy - exported.keras_accuracy,
    }


def _measured(data: FaceData) -> dict[str, Split]:
    return {name: data.splits[name] for name in (VALIDATION, TEST) if name in data.splits}


def _stress(bundle: Bundle, data: FaceData) -> dict[str, dict[str, Any]]:
    """Return the accuracy on worse pictures of each split that the card evaluates, by condition."""
    classifier = Classifier(bundle)
    return {
        name: {
            result.name: {"summary": result.summary, "accuracy": result.accuracy}
            for result in stress(lambda images: classifier.classify(images[..., 0]), split.images, split.labels)
        }
        for name, split in _measured(data).items()
    }


def _milliseconds(bundle: Bundle, rounds: int = 50) -> float:
    """Median of single faces on one core of whatever machine this is."""
    classifier = Classifier(bundle)
    face = np.full((1, SIDE, SIDE), 128, np.uint8)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        classifier.classify(face)
        times.append(time.perf_counter() - start)
    return round(statistics.median(times) * 1000, 3)
