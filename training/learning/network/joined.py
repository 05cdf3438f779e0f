"""Several trained networks side by side in one, which answers with the mean of their logits.

Source: Hansen and Salamon, "Neural Network Ensembles" (1990).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.errors import gettext_noop
from training.learning.data.read import SIDE
from training.learning.errors import LearningError

if TYPE_CHECKING:
    import keras

HEADS = ("emotion", "votes")


def join_networks(networks: Sequence[keras.Model]) -> keras.Model:
    """Return one network, (N, 48, 48, 1) to (N, 7) a head, with the features of all `networks` side by side.

    It has the heads that all of them have. One given twice counts twice. Raises `LearningError` for fewer than two.
    """
    import keras
    from keras import layers

    if len(networks) < 2:
        raise LearningError(gettext_noop("Joining needs two versions or more."))
    pixels = keras.Input((SIDE, SIDE, 1), name="pixels", dtype="float32")
    features = layers.Concatenate(name="features")([_features(each, pixels, i) for i, each in enumerate(networks)])
    common = [head for head in HEADS if all(head in {layer.name for layer in each.layers} for each in networks)]
    outputs = {head: layers.Dense(len(EMOTIONS), "softmax", name=head)(features) for head in common}
    joined = keras.Model(pixels, outputs, name="joined")
    for head in common:
        kernels, biases = zip(*(each.get_layer(head).get_weights() for each in networks), strict=True)
        joined.get_layer(head).set_weights([np.concatenate(kernels) / len(networks), np.mean(biases, axis=0)])
    return joined


def _features(network: keras.Model, pixels: keras.KerasTensor, index: int) -> keras.KerasTensor:
    """Return the network's features of `pixels`; its layers are copied under names of their own."""
    import keras

    trunk = keras.Model(network.input, network.get_layer("emotion").input)

    def renamed(layer: keras.layers.Layer) -> keras.layers.Layer:
        return type(layer).from_config({**layer.get_config(), "name": f"{layer.name}_of_{index}"})

    copy = keras.models.clone_model(trunk, input_tensors=pixels, clone_function=renamed)
    copy.set_weights(trunk.get_weights())
    return copy.output
