"""What CenterFace costs in each runtime that could serve it, and how well int8 agrees with float32."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from analysis.recognition.detectors.centerface_network import CenterFaceNetwork
from analysis.recognition.detectors.suppression import keep_best, overlaps
from training.learning.network.centerface import dynamic_onnx

SIZES = ((640, 480), (320, 256), (192, 160))
"""(Width, height) of the inputs that are timed."""

_RUNS = 15
_MIN_SCORE = 0.4
_SAME_BOX = 0.5

Pictures = npt.NDArray[np.uint8]
Run = Callable[[Pictures], object]


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one thread for one picture, by `SIZES`."""

    runtime: str
    precision: str
    milliseconds: tuple[float, ...]


@dataclass(frozen=True)
class Agreement:
    """Of `expected` faces that float32 finds int8 finds `found`, and `others` beside; `overlap` is the median's."""

    expected: int
    found: int
    others: int
    overlap: float


def measure_runtimes(published: bytes, int8: bytes, float32: bytes, pictures: Pictures) -> list[Timing]:
    """Time LiteRT's two files, and the published network in ONNX Runtime and OpenCV, on pictures (N, 480, 640, 3)."""
    dynamic = dynamic_onnx(published)
    runs: list[tuple[str, str, Run]] = [
        ("LiteRT", "int8", _litert(int8)),
        ("LiteRT", "float32", _litert(float32)),
        ("ONNX Runtime", "int8", _onnxruntime(_onnx_int8(dynamic, pictures))),
        ("ONNX Runtime", "float32", _onnxruntime(dynamic)),
        ("OpenCV", "float32", _opencv(published)),
    ]
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        return [Timing(name, precision, tuple(_times(run, pictures[0]))) for name, precision, run in runs]
    finally:
        cv2.setNumThreads(threads)


def compare(int8: bytes, float32: bytes, pictures: Pictures) -> Agreement:
    """Search pictures, uint8 (N, H, W, 3), with both files."""
    quantized, exact = CenterFaceNetwork(int8), CenterFaceNetwork(float32)
    expected = others = 0
    shared: list[float] = []
    for picture in pictures:
        boxes, wanted = (_boxes(network, picture) for network in (quantized, exact))
        best = [float(overlaps(want, boxes)[0].max(initial=0)) for want in wanted]
        same = [overlap for overlap in best if overlap > _SAME_BOX]
        expected, others, shared = expected + len(wanted), others + len(boxes) - len(same), shared + same
    return Agreement(expected, len(shared), others, float(np.median(shared)) if shared else 0.0)


def _boxes(network: CenterFaceNetwork, picture: Pictures) -> npt.NDArray[np.float32]:
    finds, scores = network.find(picture, _MIN_SCORE)
    return finds[keep_best(finds, scores)]


def _times(run: Run, picture: Pictures) -> Iterator[float]:
    """Yield the median for each size; a thread's own time is hardly longer where others use the processor too."""
    for size in SIZES:
        resized = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)[np.newaxis]
        run(resized)
        taken = []
        for _ in range(_RUNS):
            began = time.thread_time()
            run(resized)
            taken.append(time.thread_time() - began)
        yield 1000 * float(np.median(taken))


def _litert(model: bytes) -> Run:
    network = CenterFaceNetwork(model)
    return lambda pictures: network.find(pictures[0], _MIN_SCORE)


def _onnxruntime(model: bytes) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options)
    name = session.get_inputs()[0].name
    return lambda pictures: session.run(None, {name: _planes(pictures)})


def _opencv(model: bytes) -> Run:
    network = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
    names = network.getUnconnectedOutLayersNames()

    def run(pictures: Pictures) -> object:
        network.setInput(_planes(pictures))
        return network.forward(names)

    return run


def _planes(pictures: Pictures) -> npt.NDArray[np.float32]:
    return np.ascontiguousarray(pictures.transpose(0, 3, 1, 2), np.float32)


def _onnx_int8(model: bytes, pictures: Pictures) -> bytes:
    """Return the network as ONNX Runtime quantizes it: static, a scale per channel."""
    import onnx
    from onnxruntime import quantization

    class Reader(quantization.CalibrationDataReader):  # type: ignore[misc]
        def __init__(self, name: str) -> None:
            self._inputs = iter([{name: _planes(picture[np.newaxis])} for picture in pictures])

        def get_next(self) -> Any:
            return next(self._inputs, None)

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "float32.onnx", Path(folder) / "int8.onnx"
        upgraded = onnx.version_converter.convert_version(onnx.load_model_from_string(model), 17)
        onnx.save(upgraded, source)
        reader = Reader(upgraded.graph.input[0].name)
        # Its kernels for unsigned activations take half the time of those for signed ones.
        unsigned = quantization.QuantType.QUInt8
        quantization.quantize_static(source, target, reader, per_channel=True, activation_type=unsigned)
        return target.read_bytes()
