"""A linear head for FER+'s votes on the features of a trained network, whose other weights stay as they are."""

from __future__ import annotations

import math

import keras
import numpy as np
import numpy.typing as npt

from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.errors import gettext_noop
from training.learning.data.splits import Split
from training.learning.errors import LearningError
from training.learning.network.fused_batch_norm import with_fused_normalization

STEPS = 300
LEARNING_RATE = 0.02
WEIGHT_DECAY = 1e-3

Floats = npt.NDArray[np.float32]


def add_votes_head(network: keras.Model, split: Split) -> keras.Model:
    """Return `network` with a second output, "votes", fitted to the split's votes for the seven classes.

    The outputs are "emotion" and "votes", each (N, 7). Faces whose votes do not count (`Split.emotion_votes`) are left
    out. Raises `LearningError` where none counts.
    """
    votes = split.emotion_votes()
    rows = np.flatnonzero(votes.sum(axis=1)) if votes is not None else np.empty(0, np.int64)
    if votes is None or not len(rows):
        raise LearningError(gettext_noop("No training face has votes for one of the seven expressions."))
    emotion = network.get_layer("emotion")
    features = keras.Model(network.input, emotion.input)
    fused = with_fused_normalization(features)
    fused.set_weights(features.get_weights())
    values = fused.predict(split.images[rows].astype(np.float32), batch_size=256, verbose=0)
    head = keras.layers.Dense(len(EMOTIONS), "softmax", name="votes", dtype="float32")
    outputs = {"emotion": network.output, "votes": head(emotion.input)}
    if isinstance(network.output, dict):
        outputs["emotion"] = emotion.output
    with_head = keras.Model(network.input, outputs, name=network.name)
    head.set_weights(list(fit_linear(np.asarray(values, np.float32), votes[rows])))
    return with_head


def fit_linear(features: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Return kernel, float32 (F, C), and bias, float32 (C,), of the softmax regression of targets on features.

    `features` are float32 (N, F), `targets` float32 (N, C) whose rows sum to one. Full batches of standardized
    features, Adam (Kingma and Ba, 2015) at a rate that falls to zero: deterministic.
    """
    mean, deviation = features.mean(axis=0), features.std(axis=0) + 1e-6
    inputs = np.concatenate([(features - mean) / deviation, np.ones((len(features), 1), np.float32)], axis=1)
    weights = np.zeros((inputs.shape[1], targets.shape[1]))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    decay = np.full((len(weights), 1), WEIGHT_DECAY)
    decay[-1] = 0  # the bias
    for step in range(1, STEPS + 1):
        gradient = inputs.T @ (_softmax(inputs @ weights) - targets) / len(inputs) + decay * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        rate = LEARNING_RATE * (1 + math.cos(math.pi * step / STEPS)) / 2
        weights -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    kernel = weights[:-1] / deviation[:, np.newaxis]
    return kernel.astype(np.float32), (weights[-1] - mean @ kernel).astype(np.float32)


def _softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
