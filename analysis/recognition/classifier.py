"""Classifies crops of faces with LiteRT."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from analysis.recognition.bundle import Bundle
from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.errors import RecognitionError

SIDE = 48
"""Pixels along each side of a crop."""


class Classifier:
    """A loaded model version. Not thread-safe: each thread makes its own."""

    def __init__(self, bundle: Bundle) -> None:
        self._temperature = bundle.temperature
        self._mirrored = bundle.mirrored
        try:
            # One core, because each of a server's threads has an interpreter. Batches would not be faster in LiteRT.
            source = {"model_path": str(bundle.tflite)} if bundle.model is None else {"model_content": bundle.model}
            self._interpreter = Interpreter(**source, num_threads=1)
            self._interpreter.allocate_tensors()
            self._input: dict[str, Any] = self._interpreter.get_input_details()[0]
            self._output: dict[str, Any] = self._interpreter.get_output_details()[0]
        except (ValueError, RuntimeError, OSError) as error:
            raise RecognitionError("model_corrupt", f"{bundle.tflite}: LiteRT cannot load it: {error}") from error
        self._check(bundle)

    def classify(self, crops: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Map grey faces, uint8 (N, 48, 48), to calibrated probabilities, float32 (N, 7) in the order of `EMOTIONS`."""
        if crops.ndim != 3 or crops.shape[1:] != (SIDE, SIDE) or crops.dtype != np.uint8:
            raise ValueError(f"crops: expected uint8 (N, {SIDE}, {SIDE}); got {crops.dtype} {crops.shape}")
        probabilities = self._run(crops)
        if self._mirrored:
            probabilities = (probabilities + self._run(crops[:, :, ::-1])) * np.float32(0.5)
        return calibrate(probabilities, self._temperature)

    def _run(self, crops: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return uncalibrated probabilities."""
        probabilities = np.empty((len(crops), len(EMOTIONS)), np.float32)
        for index, pixels in enumerate(self._quantize(crops)):
            self._interpreter.set_tensor(self._input["index"], pixels[np.newaxis, :, :, np.newaxis])
            self._interpreter.invoke()
            probabilities[index] = self._dequantize(self._interpreter.get_tensor(self._output["index"])[0])
        return probabilities

    def _quantize(self, crops: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
        dtype = np.dtype(self._input["dtype"])
        scale, zero = self._input["quantization"]
        if not scale:
            return crops.astype(dtype)
        limits = np.iinfo(dtype)
        table = np.clip(np.rint(np.arange(256) / scale + zero), limits.min, limits.max).astype(dtype)
        return np.asarray(table[crops])

    def _dequantize(self, values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        scale, zero = self._output["quantization"]
        real = values.astype(np.float32)
        return (real - np.float32(zero)) * np.float32(scale) if scale else real

    def _check(self, bundle: Bundle) -> None:
        shapes = tuple(self._input["shape"]), tuple(self._output["shape"])
        expected = (1, SIDE, SIDE, 1), (1, len(EMOTIONS))
        if shapes != expected:
            raise RecognitionError(
                "model_corrupt",
                f"{bundle.tflite}: expected input and output of shapes {expected[0]} and {expected[1]}; "
                f"found {shapes[0]} and {shapes[1]}.",
            )


def calibrate(probabilities: npt.NDArray[np.float32], temperature: float) -> npt.NDArray[np.float32]:
    """Divide the logits behind softmax' probabilities, float (N, 7), by `temperature`; rows sum to one."""
    powered = np.maximum(probabilities, 0.0).astype(np.float64) ** (1.0 / temperature)
    return np.asarray(powered / powered.sum(axis=1, keepdims=True), np.float32)
