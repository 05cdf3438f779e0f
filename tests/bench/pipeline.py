"""What reading and augmenting adds to a training step, against the same step on one batch that stays in memory."""

from __future__ import annotations

import time
from typing import Any

import keras
import numpy as np

from training.learning.data.read import SIDE, Split
from training.learning.fit import TrainingBatches
from training.learning.network.architectures import build_model
from training.learning.recipes import TrainingConfig

STEPS, PAIRS = 5, 8


class FixedBatch(TrainingBatches):
    """The first batch, again and again."""

    def __init__(self, split: Split, config: TrainingConfig) -> None:
        super().__init__(split, config)
        self._batch = super().__getitem__(0)

    def __getitem__(self, index: int) -> Any:
        return self._batch


def added_percent() -> float:
    """Return, in percent, what the pipeline adds to the quickest of some epochs, with and without it in turn.

    The quickest, because a shared machine's speed may drift between the two by far more than the pipeline takes.
    """
    config = TrainingConfig.for_architecture("residual")
    rng = np.random.default_rng(0)
    rows = STEPS * config.batch_size
    split = Split(rng.integers(0, 256, (rows, SIDE, SIDE, 1), np.uint8), rng.integers(0, 7, rows))
    network = build_model(config.architecture)
    network.compile(keras.optimizers.SGD(0.01), {"emotion": keras.losses.CategoricalCrossentropy()})
    batches, fixed = TrainingBatches(split, config), FixedBatch(split, config)
    _seconds(network, fixed)  # the first epoch traces the graph
    pairs = [(_seconds(network, batches), _seconds(network, fixed)) for _ in range(PAIRS)]
    return 100 * (min(added for added, _ in pairs) / min(alone for _, alone in pairs) - 1)


def _seconds(network: keras.Model, batches: TrainingBatches) -> float:
    began = time.perf_counter()
    network.fit(batches, shuffle=False, verbose=0)
    return time.perf_counter() - began
