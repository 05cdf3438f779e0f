"""How well a network names expressions: from probabilities and labels, and where those come from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from analysis.recognition.bundle import Bundle
from analysis.recognition.classifier import Classifier, calibrate
from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.network import check_network
from analysis.recognition.quality import is_close, quality_warnings
from analysis.recognition.readings import Reading
from training.learning.errors import LearningError, not_one_of

if TYPE_CHECKING:
    import keras

Probabilities = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]
Images = npt.NDArray[np.uint8]

BINS = 15
"""Bins of confidence for the expected calibration error, as many as Guo et al. use."""


@dataclass(frozen=True)
class ReliabilityBin:
    """Faces whose confidence lies in (lower, upper]: how many, how sure on average, how often right."""

    lower: float
    upper: float
    n: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Certainty:
    """The share of answers called uncertain, and how often those and the rest are right, all 0 to 1.

    An accuracy is None where there is no such answer.
    """

    uncertain: float
    accuracy_uncertain: float | None
    accuracy_certain: float | None


@dataclass(frozen=True)
class Evaluation:
    """One network on one split. `recall` and `confusion` follow the order of `EMOTIONS`.

    `confusion[i][j]` counts faces of class i taken for class j. A class without faces in the data has
    the recall None and is left out of `macro_f1`. `ece` is the expected calibration error (Guo et al., "On
    Calibration of Modern Neural Networks", 2017), 0 to 1. `certainty` says how the answers called uncertain differ
    from the rest.
    """

    n: int
    accuracy: float
    macro_f1: float
    recall: tuple[float | None, ...]
    confusion: tuple[tuple[int, ...], ...]
    ece: float
    reliability: tuple[ReliabilityBin, ...]
    certainty: Certainty

    @property
    def balanced_accuracy(self) -> float:
        """The mean recall of the classes that the data have, 0 to 1."""
        return float(np.mean([recall for recall in self.recall if recall is not None]))

    @property
    def absent(self) -> tuple[str, ...]:
        """Classes without faces in the data."""
        return tuple(emotion.value for emotion, value in zip(EMOTIONS, self.recall, strict=True) if value is None)

    def as_json(self) -> dict[str, Any]:
        """Return plain values for JSON; `recall` by class name."""
        return {
            "accuracy": self.accuracy,
            "balanced_accuracy": self.balanced_accuracy,
            "macro_f1": self.macro_f1,
            "recall": {emotion.value: value for emotion, value in zip(EMOTIONS, self.recall, strict=True)},
            "confusion": [list(row) for row in self.confusion],
            "ece": self.ece,
            "n": self.n,
            "certainty": asdict(self.certainty),
        }


def evaluate(
    probabilities: Probabilities,
    labels: Labels,
    images: Images | None = None,
    targets: Probabilities | None = None,
) -> Evaluation:
    """Compare probabilities, float (N, 7), with labels, int (N,) 0 to 6; N is 1 or more.

    With `images`, uint8 (N, 48, 48, 1), an answer is uncertain for what its picture shows, too. With `targets`,
    float (N, 7) summing to one, calibration counts the share of the target that the answer names instead of whether
    the label is right.
    """
    if len(labels) == 0 or probabilities.shape != (len(labels), len(EMOTIONS)):
        expected = f"({len(labels)}, {len(EMOTIONS)}) with 1 row or more"
        raise LearningError(f"The probabilities have the shape {probabilities.shape}. It must be {expected}.")
    confusion = np.zeros((len(EMOTIONS), len(EMOTIONS)), np.int64)
    np.add.at(confusion, (labels, probabilities.argmax(axis=1)), 1)
    right = probabilities.argmax(axis=1) == labels
    shares = right if targets is None else targets[np.arange(len(labels)), probabilities.argmax(axis=1)]
    bins = _reliability(probabilities, shares)
    return Evaluation(
        n=len(labels),
        accuracy=float(np.trace(confusion) / len(labels)),
        macro_f1=_macro_f1(confusion),
        recall=tuple(_recall(confusion)),
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        ece=sum(b.n * abs(b.confidence - b.accuracy) for b in bins) / len(labels),
        reliability=bins,
        certainty=_certainty(probabilities, labels, images),
    )


def _certainty(probabilities: Probabilities, labels: Labels, images: Images | None) -> Certainty:
    second, first = np.sort(probabilities, axis=1)[:, -2:].T
    pairs = zip(first.tolist(), (first - second).tolist(), strict=True)
    doubtful = np.array([is_close(confidence, margin) for confidence, margin in pairs])
    if images is not None:
        doubtful |= np.array([bool(quality_warnings(image[..., 0])) for image in images])
    right = probabilities.argmax(axis=1) == labels
    return Certainty(float(doubtful.mean()), _mean(right[doubtful]), _mean(right[~doubtful]))


def _mean(right: npt.NDArray[np.bool_]) -> float | None:
    return float(right.mean()) if len(right) else None


def _recall(confusion: npt.NDArray[np.int64]) -> list[float | None]:
    rows = confusion.sum(axis=1)
    return [float(confusion[i, i] / total) if total else None for i, total in enumerate(rows)]


def _macro_f1(confusion: npt.NDArray[np.int64]) -> float:
    right, actual, said = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    present = actual > 0
    return float(np.mean(2 * right[present] / (actual + said)[present]))


def _reliability(
    probabilities: Probabilities, right: npt.NDArray[np.bool_] | Probabilities
) -> tuple[ReliabilityBin, ...]:
    confidence = probabilities.max(axis=1)
    index = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    bins = []
    for number in range(BINS):
        inside = index == number
        if count := int(inside.sum()):
            bounds = number / BINS, (number + 1) / BINS
            bins.append(ReliabilityBin(*bounds, count, float(confidence[inside].mean()), float(right[inside].mean())))
    return tuple(bins)


def fit_temperature(probabilities: Probabilities, targets: Labels | Probabilities) -> float:
    """Return the temperature, 0.25 to 4, that makes `targets` likeliest under uncalibrated `probabilities`.

    `targets` are labels, int (N,), or probabilities, float (N, 7).
    """
    # An int8 softmax counts in steps of 1/256, so its zero stands for anything below half a step.
    logs = np.log(np.maximum(probabilities.astype(np.float64), 1 / 512))
    wanted = np.eye(logs.shape[1])[targets] if targets.ndim == 1 else targets

    def loss(log_temperature: float) -> float:
        scaled = logs / math.exp(log_temperature)
        scaled -= scaled.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - (wanted * scaled).sum(axis=1)))

    return math.exp(_golden_section(loss, math.log(0.25), math.log(4.0)))


def _golden_section(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function with one valley between `low` and `high` is lowest, to within 1e-4."""
    ratio = (math.sqrt(5) - 1) / 2
    while high - low > 1e-4:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if function(left) < function(right):
            high = right
        else:
            low = left
    return (low + high) / 2


def load_network(folder: Path) -> keras.Model:
    """Rebuild a version's Keras network from `model.json` and `model.weights.h5`, from registered classes only."""
    import keras

    config = check_network(folder / "model.json")
    network = keras.saving.deserialize_keras_object(config, safe_mode=True)
    network.load_weights(folder / "model.weights.h5")
    return network


def network_readings(network: keras.Model, images: Images, *, mirrored: bool = False) -> dict[Reading, Probabilities]:
    """Map faces, uint8 (N, 48, 48, 1), to each reading's uncalibrated probabilities, float32 (N, 7).

    The mean over a face and its mirror image where `mirrored`.
    """
    outputs = network.predict(images.astype(np.float32), batch_size=256, verbose=0)
    named = outputs if isinstance(outputs, dict) else {Reading.LABELS: outputs}
    readings = {Reading(name): np.asarray(values, np.float32) for name, values in named.items()}
    if not mirrored:
        return readings
    others = network_readings(network, images[:, :, ::-1])
    return {reading: (values + others[reading]) * np.float32(0.5) for reading, values in readings.items()}


def blend(readings: dict[Reading, Probabilities], votes_share: float) -> Probabilities:
    """Return the served answer before calibration, float32 (N, 7)."""
    if Reading.VOTES not in readings:
        return readings[Reading.LABELS]
    share = np.float32(votes_share)
    return readings[Reading.LABELS] * (1 - share) + readings[Reading.VOTES] * share


def _by_litert(bundle: Bundle, images: Images, reading: Reading) -> Probabilities:
    return Classifier(bundle, reading).classify(images[..., 0])


def _by_keras(bundle: Bundle, images: Images, reading: Reading) -> Probabilities:
    bundle.check_reading(reading)
    readings = network_readings(load_network(bundle.folder), images, mirrored=bundle.mirrored)
    chosen = blend(readings, bundle.votes_share) if reading == Reading.SERVED else readings[reading]
    return calibrate(chosen, bundle.temperature_of(reading))


Engine = Callable[[Bundle, Images, Reading], Probabilities]
ENGINES: dict[str, Engine] = {"litert": _by_litert, "keras": _by_keras}
"""What maps a verified version and faces, uint8 (N, 48, 48, 1), to a reading's calibrated probabilities, (N, 7)."""


def find_engine(name: str) -> Engine:
    """Return the registry row; raise `LearningError` naming the known ones."""
    if name not in ENGINES:
        raise not_one_of("engine", name, list(ENGINES))
    return ENGINES[name]
