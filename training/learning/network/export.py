"""From a trained network to the files that serve: Keras' own two, and a LiteRT model.

Only the conversion needs TensorFlow. It runs in a process of its own: a bad one aborts that, and a network
trained on another Keras backend converts all the same.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from analysis.recognition.bundle import Bundle
from analysis.recognition.classifier import Classifier
from training.learning.data.read import Split
from training.learning.errors import LearningError
from training.learning.evaluation.metrics import evaluate, load_network, network_probabilities
from training.learning.network.architectures import build_model, copy_weights

CALIBRATION_FACES = 300
ALLOWED_LOSS = 0.005
"""Share of PublicTest's faces that int8 may get wrong beyond Keras; above it the version serves float32."""

_PROJECT = Path(__file__).resolve().parents[3]
_CONVERT = ["-m", "training.learning.network.export"]
_TRY_ONE_FACE = """
import sys
from pathlib import Path
import numpy as np
from analysis.recognition.bundle import Bundle
from analysis.recognition.classifier import Classifier
Classifier(Bundle("new", Path(sys.argv[1]), {})).classify(np.full((1, 48, 48), 128, np.uint8))
"""


@dataclass(frozen=True)
class Exported:
    """A network's files in `folder`, unpinned as yet, and what `model.tflite` is.

    `fallback` says why it is not int8, or is empty.
    """

    folder: Path
    precision: str
    fallback: str
    keras_accuracy: float
    litert_accuracy: float

    def files(self) -> dict[str, bytes]:
        """Return every file but the card, by name."""
        return {name: (self.folder / name).read_bytes() for name in ("model.json", "model.weights.h5", "model.tflite")}


def export_network(
    trained: keras.Model, architecture: str, *, calibration: npt.NDArray[np.uint8], compared_on: Split, folder: Path
) -> Exported:
    """Write `trained`'s files into `folder`: int8 unless that fails or costs too much, then float32.

    `calibration` are training faces, uint8 (N, 48, 48, 1), that show int8 the ranges of every layer.
    """
    network = serving_network(trained, architecture)
    (folder / "model.json").write_text(network.to_json(), encoding="utf-8")
    network.save_weights(folder / "model.weights.h5")
    np.save(folder / "calibration.npy", calibration)
    reference = evaluate(network_probabilities(network, compared_on.images), compared_on.labels).accuracy
    fallback = ""
    try:
        exported = _converted(folder, "int8", "", reference, compared_on)
        lost = reference - exported.litert_accuracy
        if _acceptable(lost, len(compared_on)):
            return exported
        fallback = f"int8 lost {lost:.2%} of {len(compared_on)} faces against Keras"
    except LearningError as error:
        fallback = f"int8 failed: {error}"
    return _converted(folder, "float32", fallback, reference, compared_on)


def serving_network(trained: keras.Model, architecture: str) -> keras.Model:
    """Return `trained` anew in float32, with the emotions as its only output, (N, 7)."""
    whole = build_model(architecture)
    copy_weights(trained, whole)
    return keras.Model(whole.input, whole.output["emotion"], name=architecture)


def choose_calibration(split: Split, seed: int) -> npt.NDArray[np.uint8]:
    """Return up to 300 faces of `split`, uint8 (N, 48, 48, 1), drawn by `seed`."""
    rows = np.random.default_rng(seed).permutation(len(split))[:CALIBRATION_FACES]
    return split.images[rows]


def _acceptable(lost: float, rows: int) -> bool:
    """One face alone is never too much: a small split has coarser steps than the allowed loss."""
    return lost <= max(ALLOWED_LOSS, 1 / rows)


def _converted(folder: Path, precision: str, fallback: str, reference: float, split: Split) -> Exported:
    _run_checked("conversion", [*_CONVERT, str(folder), precision])
    _run_checked("loading the conversion", ["-c", _TRY_ONE_FACE, str(folder)])
    probabilities = Classifier(Bundle("new", folder, {})).classify(split.images[..., 0])
    accuracy = evaluate(probabilities, split.labels).accuracy
    return Exported(folder, precision, fallback, reference, accuracy)


def _run_checked(what: str, arguments: list[str]) -> None:
    if find_spec("tensorflow") is None:
        raise LearningError("LiteRT conversion: expected TensorFlow; it is not installed (pip install tensorflow)")
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
        raise LearningError(f"{what}: exit status {finished.returncode}; {lines[-1] if lines else 'no message'}")


def convert(folder: Path, precision: str) -> bytes:
    """Return `folder`'s Keras network as a LiteRT model for one face; needs TensorFlow.

    In "int8" the input is uint8 (1, 48, 48, 1), 0 to 255; in "float32" the same values as floats. The output is
    float32 (1, 7), softmax.
    """
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    network = load_network(folder)
    # One face a call, known beforehand: no shape arithmetic is left in the graph.
    one_face = tf.TensorSpec((1, *network.input.shape[1:]), tf.float32, name="pixels")
    serve = tf.function(lambda pixels: network(pixels, training=False), input_signature=[one_face])
    # The converter leaves Keras 3's variables as unset resources unless they are constants by then.
    frozen = convert_variables_to_constants_v2(serve.get_concrete_function())
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
    if precision == "int8":
        _quantize(converter, tf, np.load(folder / "calibration.npy"))
    return bytes(converter.convert())


def _quantize(converter: Any, tf: Any, faces: npt.NDArray[np.uint8]) -> None:
    def representative() -> Iterator[list[npt.NDArray[np.float32]]]:
        for face in faces:
            yield [face[np.newaxis].astype(np.float32)]

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.uint8
    converter.inference_output_type = tf.float32


if __name__ == "__main__":
    (Path(sys.argv[1]) / "model.tflite").write_bytes(convert(Path(sys.argv[1]), sys.argv[2]))
