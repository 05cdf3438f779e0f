"""Fitting one network: batches, optimizer, checkpoints after every epoch, resume.

Deterministic in what it draws: the same seed, data and configuration give the same batches, also across
a resume.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np

from training.learning.data.batches import TrainingBatches, one_hot
from training.learning.data.read import SIDE, TRAINING, VALIDATION, FaceData, Split
from training.learning.distillation import Teach
from training.learning.errors import TrainingStopped
from training.learning.network.architectures import build_model, copy_weights
from training.learning.network.checkpoints import Checkpoint
from training.learning.network.fused_batch_norm import with_fused_normalization
from training.learning.network.sharpness import sharpness_aware
from training.learning.network.votes_head import add_votes_head
from training.learning.recipes import TrainingConfig


@dataclass(frozen=True)
class Fitted:
    """A trained network, a dict of metrics for each epoch, and the seconds spent over all resumes.

    `seconds` is None when part of the time was not recorded.
    """

    network: keras.Model
    history: list[dict[str, float]]
    seconds: float | None

    @property
    def parameters(self) -> int:
        """Weights of the whole network, with training's own heads."""
        return int(self.network.count_params())


def fit(
    config: TrainingConfig,
    data: FaceData,
    checkpoints: Path,
    *,
    resume: bool = False,
    extra: Split | None = None,
    start: keras.Model | None = None,
    teach: Teach | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str = "auto",
) -> Fitted:
    """Train on the training split, and on the rows of `extra`, watching PublicTest.

    With `resume`, continues from what `checkpoints` holds for this very configuration and data; without it,
    starts anew. Raises `LearningError` for another training's checkpoint, and without `resume` for any. A callback
    may raise `TrainingStopped`: the weights are kept as they are, and the exception goes on; a resume begins that
    epoch anew, with these weights. `start` is a network of the same architecture whose weights to begin with, and
    `teach` answers for training faces what to learn beside their labels.
    """
    if config.votes_head_only:
        return _fit_votes_head(start, data)
    if config.joined:
        assert start is not None  # the configuration names the versions
        return Fitted(start, [], 0.0)
    rows = data if extra is None else data.with_training_rows(extra.images, extra.labels)
    training = rows.split(TRAINING)
    checkpoint = Checkpoint(checkpoints, identity(config, data))
    if not resume:
        checkpoint.refuse_leftovers()
    keras.utils.set_random_seed(config.seed)
    votes = training.votes is not None
    model = build_network(config, votes, start)
    _compile(model, config, steps=max(1, len(training) // config.batch_size), votes=votes)
    done = checkpoint.restore(model) if resume else 0
    epochs = 0 if config.mean_of else config.epochs
    batches = TrainingBatches(training, config, teach if done < epochs else None)
    if done < epochs:
        _fit_epochs(model, batches, data.split(VALIDATION), done, checkpoint, callbacks, verbose)
    if config.averaging and not config.mean_of:
        model.optimizer.finalize_variable_values(model.trainable_variables)
    if config.averaging or config.mean_of:
        batches.begin_epoch(config.epochs)
        _seed_dropout(model, config.seed, config.epochs)
        _recalibrate(model, batches)
    return Fitted(model, checkpoint.history, checkpoint.seconds)


def build_network(config: TrainingConfig, votes: bool, start: keras.Model | None) -> keras.Model:
    """Return the network of `config`, with a votes head where `votes`, and the weights of `start` if it is given."""
    side = None if config.small else SIDE
    network = build_model(config.architecture, votes_head=votes, precision=config.precision, side=side)
    model = with_fused_normalization(network)
    if config.sharpness:
        model = sharpness_aware(model)
    if start is not None:
        copy_weights(start, model)
    return model


def _fit_votes_head(start: keras.Model | None, data: FaceData) -> Fitted:
    """A few minutes and no epochs, so nothing is kept to resume from."""
    assert start is not None  # the configuration names a version to start from
    began = time.monotonic()
    return Fitted(add_votes_head(start, data.split(TRAINING)), [], time.monotonic() - began)


def _fit_epochs(
    model: keras.Model,
    batches: TrainingBatches,
    validation: Split,
    done: int,
    checkpoint: Checkpoint,
    callbacks: Sequence[keras.callbacks.Callback],
    verbose: int | str,
) -> None:
    try:
        for first, last in phases(batches.config):
            if done < last:
                _begin_phase(model, batches, max(done, first))
                model.fit(
                    batches,
                    shuffle=False,  # the batches shuffle themselves, the same after a resume
                    validation_data=_validation(validation),
                    validation_batch_size=256,
                    initial_epoch=max(done, first),
                    epochs=last,
                    callbacks=[_BeginEpoch(batches), checkpoint, *callbacks],
                    verbose=verbose,
                )
    except TrainingStopped:
        checkpoint.keep_partial()
        raise


def phases(config: TrainingConfig) -> list[tuple[int, int]]:
    """Return the epochs, first to last (exclusive), that differ in nothing that a compiled step depends on."""
    small = math.ceil(config.small * config.epochs)
    sharp = math.floor((1 - config.sharpness_share) * config.epochs) if config.sharpness else config.epochs
    bounds = sorted({0, small, sharp, config.epochs})
    return list(pairwise(bounds))


def _begin_phase(model: keras.Model, batches: TrainingBatches, epoch: int) -> None:
    # Keras takes the faces' size from a batch that it reads before the call's first epoch.
    batches.begin_epoch(epoch)
    config = batches.config
    if config.sharpness:
        is_last = epoch >= math.floor((1 - config.sharpness_share) * config.epochs)
        model.radius = config.sharpness if is_last else 0.0
        model.train_function = None  # compiled for the radius before


class _BeginEpoch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Each epoch begins with random states of its own, since a checkpoint holds none."""

    def __init__(self, batches: TrainingBatches) -> None:
        super().__init__()
        self._batches = batches

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._batches.begin_epoch(epoch)
        _seed_dropout(self.model, self._batches.config.seed, epoch)


def _seed_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    for index, layer in enumerate(model.layers):
        if isinstance(layer, keras.layers.Dropout):
            layer.seed_generator.state.assign([seed % 2**32, epoch * len(model.layers) + index])


def identity(config: TrainingConfig, data: FaceData) -> dict[str, Any]:
    """Return what two trainings must share for one to go on where the other stopped."""
    return {
        "config": asdict(config),
        "data_sha256": data.sha256,
        "votes_sha256": data.votes_sha256,
        "training_rows": len(data.split(TRAINING)),
    }


def _recalibrate(model: keras.Model, batches: TrainingBatches, count: int = 100) -> None:
    """Measure batch normalization's statistics anew: those at hand belong to the weights before averaging.

    Measured here: without this, averaged weights in mid-training fell from 43 % to 21 %. The method is
    Wu and Johnson's, "Rethinking Batch in BatchNorm" (2021), with the layers' own moving average.
    """
    for index in range(count):
        model(batches[index % len(batches)][0], training=True)


def _validation(split: Split) -> tuple[Any, Any]:
    targets = {"emotion": one_hot(split.labels)}
    if (votes := split.emotion_votes()) is not None:
        targets["votes"] = votes
    return split.images.astype(np.float32), targets


def _compile(model: keras.Model, config: TrainingConfig, *, steps: int, votes: bool) -> None:
    smoothed = keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing)
    losses = {"emotion": smoothed} | ({"votes": keras.losses.CategoricalCrossentropy()} if votes else {})
    model.compile(
        optimizer=_optimizer(config, steps),
        loss=losses,
        loss_weights={"emotion": 1.0} | ({"votes": config.votes_weight} if votes else {}),
        metrics={"emotion": [keras.metrics.CategoricalAccuracy(name="accuracy")]},
    )


def _optimizer(config: TrainingConfig, steps: int) -> keras.optimizers.Optimizer:
    """Adam at a constant rate, or SGD with Nesterov momentum, one epoch of warm-up and a cosine to zero."""
    shared: dict[str, Any] = {"weight_decay": config.weight_decay or None}
    if config.averaging:
        shared |= {"use_ema": True, "ema_momentum": config.averaging}
    if config.optimizer == "adam":
        optimizer = keras.optimizers.Adam(config.learning_rate, **shared)
    else:
        warmup = min(steps, config.epochs * steps // 10)
        rate = keras.optimizers.schedules.CosineDecay(
            config.learning_rate / 10,
            decay_steps=max(1, config.epochs * steps - warmup),
            warmup_target=config.learning_rate,
            warmup_steps=warmup,
        )
        optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, **shared)
    if config.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer
