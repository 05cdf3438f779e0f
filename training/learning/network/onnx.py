"""A version's network as ONNX, for programs without LiteRT.

Source of the format: https://onnx.ai. Keras' own export writes it, by tf2onnx.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analysis.recognition.errors import NOT_INSTALLED
from analysis.recognition.readings import Reading
from training.learning.data.read import SIDE
from training.learning.errors import LearningError

if TYPE_CHECKING:
    import keras

    from training.learning.evaluation.metrics import Images

OPSET = 15
"""ONNX Runtime reads it since 1.10, of 2021."""


def write_onnx(network: keras.Model, path: Path) -> None:
    """Write `network` to `path`: input "pixels", float32 (N, 48, 48, 1), 0 to 255; each reading an output, (N, 7).

    Raises `LearningError` where tf2onnx is not installed.
    """
    import keras

    signature = [keras.InputSpec(shape=(None, SIDE, SIDE, 1), dtype="float32", name="pixels")]
    network(np.zeros((1, SIDE, SIDE, 1), np.float32))  # Keras exports what has been called
    try:
        with warnings.catch_warnings(action="ignore", category=FutureWarning):  # Keras looks for NumPy's old names
            network.export(path, format="onnx", input_signature=signature, opset_version=OPSET, verbose=False)
    except ImportError as error:
        raise LearningError(NOT_INSTALLED, library="tf2onnx", package="tf2onnx") from error


def onnx_labels(path: Path, images: Images, *, mirrored: bool) -> npt.NDArray[np.int64]:
    """Map faces, uint8 (N, 48, 48, 1), to the likeliest label by ONNX Runtime, int64 (N,).

    By the mean over a face and its mirror image where `mirrored`. Raises `LearningError` without ONNX Runtime.
    """
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        raise LearningError(NOT_INSTALLED, library="onnxruntime", package="onnxruntime") from error
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    name = session.get_outputs()[0].name if len(session.get_outputs()) == 1 else str(Reading.LABELS)
    views = [images, images[:, :, ::-1]] if mirrored else [images]
    batches = ([view[start : start + 256].astype(np.float32) for view in views] for start in range(0, len(images), 256))
    answers = [sum(session.run([name], {"pixels": view})[0] for view in batch) for batch in batches]
    return np.asarray(np.concatenate(answers).argmax(axis=1), np.int64)
