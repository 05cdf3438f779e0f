"""From a trained network to the files that serve: Keras' own two, and a LiteRT model.

Only the conversion needs TensorFlow. It runs in a process of its own: a bad one aborts that, and a network
trained on another Keras backend converts all the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from analysis.recognition.bundle import Bundle
from analysis.recognition.classifier import Classifier
from analysis.recognition.errors import NOT_INSTALLED, gettext_noop
from analysis.recognition.readings import Reading
from training.learning.data.read import SIDE, Split
from training.learning.errors import LearningError
from training.learning.evaluation.choices import choose_prior_strength
from training.learning.evaluation.metrics import evaluate, load_network, network_readings
from training.learning.network.architectures import copy_weights

CALIBRATION_FACES = 300
ALLOWED_LOSS = 0.005
"""Share of PublicTest's faces that int8 may get wrong beyond Keras; above it the version serves float32."""

_PROJECT = Path(__file__).resolve().parents[3]
_NOT_CONVERTED = gettext_noop("The conversion to LiteRT ended with status %(status)s. (%(message)s)")
_NOT_LOADED = gettext_noop("Loading the converted network ended with status %(status)s. (%(message)s)")
_CONVERT = ["-m", "training.learning.network.export"]
_TRY_ONE_FACE = """
import json, sys
from pathlib import Path
import numpy as np
from analysis.recognition.bundle import Bundle
from analysis.recognition.classifier import Classifier
Classifier(Bundle("new", Path(sys.argv[1]), json.loads(sys.argv[2]))).classify(np.full((1, 48, 48), 128, np.uint8))
"""


@dataclass(frozen=True)
class Exported:
    """A network's files in `folder`, unpinned as yet, and what `model.tflite` is.

    `fallback` says why it is not int8, or is empty. `prior_strength` is the tau of `subtract_prior`. The accuracies
    are those of the `labels` reading on PublicTest.
    """

    folder: Path
    precision: str
    fallback: str
    keras_accuracy: float
    litert_accuracy: float
    prior_strength: float = 0.0
    has_votes: bool = False

    def files(self) -> dict[str, bytes]:
        """Return every file but the card, by name."""
        return {name: (self.folder / name).read_bytes() for name in ("model.json", "model.weights.h5", "model.tflite")}

    def bundle(self, card: dict[str, Any]) -> Bundle:
        """Return the files as an unverified version with `card`'s entries, and both readings where there are two."""
        return Bundle("new", self.folder, ({"votes_share": 0.0} if self.has_votes else {}) | card)


def export_network(
    trained: keras.Model,
    *,
    training: Split,
    seed: int,
    compared_on: Split,
    folder: Path,
    mirrored: bool = False,
) -> Exported:
    """Write `trained`'s files into `folder`: int8 unless that fails or costs too much, then float32.

    `training` gives the class prior, and faces drawn by `seed` that show int8 the ranges of every layer. The prior's
    strength is chosen on `compared_on` by the answers to be served, which are `mirrored` or not.
    """
    network = serving_network(trained)
    readings = network_readings(network, compared_on.images, mirrored=mirrored)
    prior = class_prior(training)
    strength = choose_prior_strength(readings[Reading.LABELS], compared_on.labels, prior)
    subtract_prior(network, prior, strength)
    (folder / "model.json").write_text(network.to_json(), encoding="utf-8")
    network.save_weights(folder / "model.weights.h5")
    np.save(folder / "calibration.npy", choose_calibration(training, seed))
    reference = _labels_accuracy(network_readings(network, compared_on.images), compared_on)
    facts = {"keras_accuracy": reference, "prior_strength": strength, "has_votes": Reading.VOTES in readings}
    fallback = ""
    try:
        exported = _converted(folder, "int8", "", compared_on, facts)
        lost = reference - exported.litert_accuracy
        if _acceptable(lost, len(compared_on)):
            return exported
        fallback = f"int8 lost {lost:.2%} of {len(compared_on)} faces against Keras"
    except LearningError as error:
        fallback = f"int8 failed: {error}"
    return _converted(folder, "float32", fallback, compared_on, facts)


def serving_network(trained: keras.Model) -> keras.Model:
    """Return `trained` anew in float32 for faces of 48 pixels; each output, (N, 7), is named for its reading."""
    pixels = keras.Input((SIDE, SIDE, 1), name="pixels", dtype="float32")
    network = keras.models.clone_model(trained, input_tensors=pixels, clone_function=_in_float32)
    copy_weights(trained, network)
    heads = {Reading.LABELS: "emotion", Reading.VOTES: "votes"}
    names = {layer.name for layer in network.layers}
    outputs = {str(reading): network.get_layer(head).output for reading, head in heads.items() if head in names}
    return keras.Model(network.input, outputs, name=trained.name)


def _in_float32(layer: keras.layers.Layer) -> keras.layers.Layer:
    kind = type(layer)
    if isinstance(layer, keras.layers.BatchNormalization):
        kind = keras.layers.BatchNormalization  # not TensorFlow's fused one, which only training uses
    return kind.from_config({**layer.get_config(), "dtype": "float32"})


def class_prior(split: Split) -> npt.NDArray[np.float64]:
    """Return the share of each class among the rows, float64 (7,); a class without rows counts as one row."""
    counts = np.maximum(split.class_counts(), 1)
    return np.asarray(counts / counts.sum(), np.float64)


def subtract_prior(network: keras.Model, prior: npt.NDArray[np.float64], strength: float) -> None:
    """Subtract `strength` times the log of the class prior in the bias of the labels' output."""
    head = network.get_layer("emotion")
    kernel, bias = head.get_weights()
    head.set_weights([kernel, bias - (strength * np.log(prior)).astype(bias.dtype)])


def choose_calibration(split: Split, seed: int) -> npt.NDArray[np.uint8]:
    """Return up to 300 faces of `split`, uint8 (N, 48, 48, 1), drawn by `seed`."""
    rows = np.random.default_rng(seed).permutation(len(split))[:CALIBRATION_FACES]
    return split.images[rows]


def _acceptable(lost: float, rows: int) -> bool:
    """One face alone is never too much: a small split has coarser steps than the allowed loss."""
    return lost <= max(ALLOWED_LOSS, 1 / rows)


def _labels_accuracy(readings: dict[Reading, npt.NDArray[np.float32]], split: Split) -> float:
    return evaluate(readings[Reading.LABELS], split.labels).accuracy


def _converted(folder: Path, precision: str, fallback: str, split: Split, facts: dict[str, Any]) -> Exported:
    _run_checked(_NOT_CONVERTED, [*_CONVERT, str(folder), precision])
    exported = Exported(folder, precision, fallback, litert_accuracy=0.0, **facts)
    _run_checked(_NOT_LOADED, ["-c", _TRY_ONE_FACE, str(folder), json.dumps(exported.bundle({}).card)])
    readings = Classifier(exported.bundle({})).read(split.images[..., 0])
    return replace(exported, litert_accuracy=_labels_accuracy(readings, split))


def _run_checked(failed: str, arguments: list[str]) -> None:
    if find_spec("tensorflow") is None:
        raise LearningError(NOT_INSTALLED, library="TensorFlow", package="tensorflow")
    surroundings = {"KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    finished = subprocess.run(  # noqa: S603  # our own interpreter and arguments
        [sys.executable, "-W", "ignore", *arguments],
        cwd=_PROJECT,
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        lines = [line for line in finished.stderr.splitlines() if line.strip()]
        raise LearningError(failed, status=finished.returncode, message=lines[-1] if lines else "–")


def convert(folder: Path, precision: str) -> bytes:
    """Return `folder`'s Keras network as a LiteRT model for one face; needs TensorFlow.

    In "int8" the input is uint8 (1, 48, 48, 1), 0 to 255; in "float32" the same values as floats. The outputs are
    float32 (1, 7), softmax: `labels` and, where the network has it, `votes`.
    """
    network = load_network(folder)
    # One face a call, known beforehand: no shape arithmetic is left in the graph.
    faces = np.load(folder / "calibration.npy") if precision == "int8" else None
    return to_litert(network, (1, *network.input.shape[1:]), faces)


def to_litert(
    network: keras.Model, shape: tuple[int | None, ...], calibration: npt.NDArray[np.uint8] | None = None
) -> bytes:
    """Return `network` as a LiteRT model with inputs of `shape`, None where a size is chosen later; needs TensorFlow.

    In float32 with float32 inputs; given `calibration`, uint8 (N, ...), in int8 with uint8 inputs, a scale per
    channel of the weights. The outputs are float32.
    """
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    pixels = tf.TensorSpec(shape, tf.float32, name="pixels")
    serve = tf.function(lambda pixels: _in_order(network(pixels, training=False)), input_signature=[pixels])
    # The converter leaves Keras 3's variables as unset resources unless they are constants by then.
    frozen = convert_variables_to_constants_v2(serve.get_concrete_function())
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
    if calibration is not None:
        _quantize(converter, tf, calibration)
    return bytes(converter.convert())


def _in_order(outputs: Any) -> Any:
    """Return a network's outputs as a tuple in the order of `Reading`; LiteRT keeps the order and no names."""
    return tuple(outputs[name] for name in Reading if name in outputs) if isinstance(outputs, dict) else outputs


def _quantize(converter: Any, tf: Any, pictures: npt.NDArray[np.uint8]) -> None:
    def representative() -> Iterator[list[npt.NDArray[np.float32]]]:
        for picture in pictures:
            yield [picture[np.newaxis].astype(np.float32)]

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.uint8
    converter.inference_output_type = tf.float32


if __name__ == "__main__":
    (Path(sys.argv[1]) / "model.tflite").write_bytes(convert(Path(sys.argv[1]), sys.argv[2]))
