"""CenterFace's network: one picture in, boxes, landmarks and scores out.

Source: Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point" (2019), section 3.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from analysis.recognition.detectors.base import Floats
from analysis.recognition.faces import Image

STRIDE = 4
"""Pixels of the picture along a cell of the network's output."""

MULTIPLE = 32
"""The network halves its input five times, so both sides are multiples of this."""

LANDMARKS = 5
"""The eyes, the nose, the corners of the mouth; of each pair the one on an upright face's left of the picture first."""

MAX_SIZES = 4
"""Input sizes that stay allocated; each holds 5 to 40 MB of activations."""


class CenterFaceNetwork:
    """Runs `model` (LiteRT, uint8 (1, H, W, 3) RGB) on one thread. Not thread-safe: each thread makes its own."""

    def __init__(self, model: bytes, *, threads: int = 1, max_sizes: int = MAX_SIZES) -> None:
        """Raise ValueError or RuntimeError where LiteRT cannot read `model`."""
        self._model = model
        self._threads = threads
        self._max_sizes = max_sizes
        self._sizes: OrderedDict[tuple[int, int], _SizedNetwork] = OrderedDict()
        self._sized(MULTIPLE, MULTIPLE)

    def find(self, image: Image, min_score: float) -> tuple[Floats, Floats]:
        """Return what is found in an RGB picture, uint8 (H, W, 3), at the size it has.

        Finds are float32 (N, 2 + 5, 2) as `suppression.keep_best` takes them, (x, y) in the picture's pixels: the
        box's corner nearest the origin, its farthest, the `LANDMARKS`. Scores are float32 (N,), `min_score` to 1.
        Neighbouring cells find the same face.
        """
        height, width = image.shape[:2]
        return self._sized(_multiple(width), _multiple(height)).find(image, min_score)

    def _sized(self, width: int, height: int) -> _SizedNetwork:
        size = width, height
        if size not in self._sizes:
            while len(self._sizes) >= self._max_sizes:
                self._sizes.popitem(last=False)
            self._sizes[size] = _SizedNetwork(self._model, width, height, self._threads)
        self._sizes.move_to_end(size)
        return self._sizes[size]


class _SizedNetwork:
    """The network with memory for inputs of one size."""

    def __init__(self, model: bytes, width: int, height: int, threads: int) -> None:
        self._interpreter = Interpreter(model_content=model, num_threads=threads)
        self._input: dict[str, Any] = self._interpreter.get_input_details()[0]
        self._interpreter.resize_tensor_input(self._input["index"], (1, height, width, 3), strict=True)
        self._interpreter.allocate_tensors()
        outputs = sorted(self._interpreter.get_output_details(), key=lambda output: str(output["name"]))
        self._heat, *self._boxes = (output["index"] for output in outputs)
        self._pixels = np.zeros((1, height, width, 3), self._input["dtype"])

    def find(self, image: Image, min_score: float) -> tuple[Floats, Floats]:
        height, width = image.shape[:2]
        self._pixels[0, :height, :width] = image
        self._pixels[0, height:] = 0
        self._pixels[0, :height, width:] = 0
        self._interpreter.set_tensor(self._input["index"], self._pixels)
        self._interpreter.invoke()
        heat = self._interpreter.get_tensor(self._heat)[0, :, :, 0]
        rows, columns = np.nonzero(heat > min_score)
        cells = np.stack([columns, rows], axis=1).astype(np.float32)
        boxes = (self._interpreter.get_tensor(index)[0, rows, columns] for index in self._boxes)
        return _decode(cells, *boxes), heat[rows, columns]


def _decode(cells: Floats, sizes: Floats, offsets: Floats, points: Floats) -> Floats:
    """Return finds, float32 (N, 7, 2), of `cells` (N, 2) as (column, row).

    The network gives (y, x) each: `sizes` (N, 2) are logarithms of cells, `offsets` (N, 2) are cells from a cell's
    middle, `points` (N, 10) are shares of the box from its corner.
    """
    centres = (cells + offsets[:, ::-1] + 0.5) * STRIDE
    sides = np.exp(sizes[:, ::-1]) * STRIDE
    near = centres - sides / 2
    landmarks = near[:, np.newaxis] + points.reshape(-1, LANDMARKS, 2)[:, :, ::-1] * sides[:, np.newaxis]
    return np.concatenate([near[:, np.newaxis], (near + sides)[:, np.newaxis], landmarks], axis=1).astype(np.float32)


def _multiple(length: int) -> int:
    return -(-length // MULTIPLE) * MULTIPLE
