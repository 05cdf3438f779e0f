"""Classifies crops of faces with LiteRT."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from analysis.recognition.bundle import Bundle
from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.errors import RecognitionError, gettext_noop
from analysis.recognition.readings import Reading

SIDE = 48
"""Pixels along each side of a crop."""


class Classifier:
    """One reading of a loaded model version. Not thread-safe: each thread makes its own."""

    def __init__(self, bundle: Bundle, reading: Reading = Reading.SERVED) -> None:
        bundle.check_reading(reading)
        self._readings = bundle.readings
        self._shares = _shares(bundle, reading)
        self._temperature = bundle.temperature_of(reading)
        self._mirrored = bundle.mirrored
        try:
            # One core, because each of a server's threads has an interpreter. Batches would not be faster in LiteRT.
            source = {"model_path": str(bundle.tflite)} if bundle.model is None else {"model_content": bundle.model}
            self._interpreter = Interpreter(**source, num_threads=1)
            self._interpreter.allocate_tensors()
            self._input: dict[str, Any] = self._interpreter.get_input_details()[0]
            self._outputs: list[dict[str, Any]] = self._interpreter.get_output_details()
        except (ValueError, RuntimeError, OSError) as error:
            text = gettext_noop("LiteRT cannot load %(file)s: %(reason)s")
            raise RecognitionError(
                "model_corrupt", text, file=f"{bundle.name}/{bundle.tflite.name}", reason=str(error)
            ) from error
        self._check(bundle)

    def classify(self, crops: npt.NDArray[np.uint8], *, single_view: bool = False) -> npt.NDArray[np.float32]:
        """Map grey faces, uint8 (N, 48, 48), to calibrated probabilities, float32 (N, 7) in the order of `EMOTIONS`.

        `single_view` leaves out the mirror image, where the version takes one, and halves the time.
        """
        probabilities = self._run(crops) if single_view else self._run_views(crops)
        blended = np.einsum("nrc,r->nc", probabilities, self._shares)
        return calibrate(blended, self._temperature)

    def read(self, crops: npt.NDArray[np.uint8]) -> dict[Reading, npt.NDArray[np.float32]]:
        """Map grey faces, uint8 (N, 48, 48), to each reading's uncalibrated probabilities, float32 (N, 7)."""
        probabilities = self._run_views(crops)
        return {reading: probabilities[:, index] for index, reading in enumerate(self._readings)}

    def _run_views(self, crops: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return uncalibrated probabilities, float32 (N, readings, 7), the mean over both views where mirrored."""
        probabilities = self._run(crops)
        if self._mirrored:
            probabilities = (probabilities + self._run(crops[:, :, ::-1])) * np.float32(0.5)
        return probabilities

    def _run(self, crops: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        if crops.ndim != 3 or crops.shape[1:] != (SIDE, SIDE) or crops.dtype != np.uint8:
            raise ValueError(f"crops: expected uint8 (N, {SIDE}, {SIDE}); got {crops.dtype} {crops.shape}")
        probabilities = np.empty((len(crops), len(self._outputs), len(EMOTIONS)), np.float32)
        for index, pixels in enumerate(self._quantize(crops)):
            self._interpreter.set_tensor(self._input["index"], pixels[np.newaxis, :, :, np.newaxis])
            self._interpreter.invoke()
            for number, output in enumerate(self._outputs):
                probabilities[index, number] = _dequantize(output, self._interpreter.get_tensor(output["index"])[0])
        return probabilities

    def _quantize(self, crops: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
        dtype = np.dtype(self._input["dtype"])
        scale, zero = self._input["quantization"]
        if not scale:
            return crops.astype(dtype)
        limits = np.iinfo(dtype)
        table = np.clip(np.rint(np.arange(256) / scale + zero), limits.min, limits.max).astype(dtype)
        return np.asarray(table[crops])

    def _check(self, bundle: Bundle) -> None:
        found = [tuple(map(int, each["shape"])) for each in (self._input, *self._outputs)]
        expected = [(1, SIDE, SIDE, 1), *[(1, len(EMOTIONS))] * len(self._readings)]
        if found != expected:
            text = gettext_noop("%(file)s: expected an input and outputs of shapes %(expected)s; found %(found)s.")
            shapes: dict[str, Any] = {"expected": ", ".join(map(str, expected)), "found": ", ".join(map(str, found))}
            raise RecognitionError("model_corrupt", text, file=f"{bundle.name}/{bundle.tflite.name}", **shapes)


def _shares(bundle: Bundle, reading: Reading) -> npt.NDArray[np.float32]:
    """Return each output's share in the answer, float32 (readings,), summing to one."""
    if len(bundle.readings) == 1:
        return np.ones(1, np.float32)
    votes = {Reading.LABELS: 0.0, Reading.VOTES: 1.0}.get(reading, bundle.votes_share)
    return np.array([1 - votes, votes], np.float32)


def _dequantize(output: dict[str, Any], values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    scale, zero = output["quantization"]
    real = values.astype(np.float32)
    return (real - np.float32(zero)) * np.float32(scale) if scale else real


def calibrate(probabilities: npt.NDArray[np.float32], temperature: float) -> npt.NDArray[np.float32]:
    """Divide the logits behind softmax' probabilities, float (N, 7), by `temperature`; rows sum to one."""
    powered = np.maximum(probabilities, 0.0).astype(np.float64) ** (1.0 / temperature)
    return np.asarray(powered / powered.sum(axis=1, keepdims=True), np.float32)
