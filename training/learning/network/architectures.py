"""The networks somebody can train, as a registry. Each takes faces as FER-2013 frames them, unscaled.

Input: (N, 48, 48, 1), grey, values 0 to 255. Outputs, a dict: "emotion", (N, 7) probabilities in the
order of `EMOTIONS`, as FER-2013 labels a face; with a votes head also "votes", (N, 7) in the same order, as ten
people who look at it vote (Barsoum et al., 2016).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from analysis.recognition.emotions import EMOTIONS
from training.learning.data.read import SIDE
from training.learning.errors import not_one_of
from training.learning.recipes import RECIPES, Recipe

Tensor = Any  # keras.KerasTensor: Keras ships no types for its functional API


@dataclass(frozen=True)
class Architecture:
    """One registry row: `features` maps scaled pixels to a (N, F) vector."""

    name: str
    summary: str
    features: Callable[[Tensor], Tensor]

    @property
    def recipe(self) -> Recipe:
        return RECIPES[self.name]


def _mlp(x: Tensor, widths: Sequence[int] = (512, 256)) -> Tensor:
    x = layers.Flatten()(x)
    for units in widths:
        x = layers.Dense(units)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        x = layers.Dropout(0.25)(x)
    return x


def _cnn(x: Tensor) -> Tensor:
    for filters, kernel in ((64, 3), (128, 5), (512, 3), (512, 3)):
        x = layers.Conv2D(filters, kernel, padding="same")(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(0.25)(x)
    return _mlp(x, (256, 512))


def _convolution(x: Tensor, filters: int, kernel: int = 3, gamma: str = "ones") -> Tensor:
    x = layers.Conv2D(filters, kernel, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
    return layers.BatchNormalization(gamma_initializer=gamma, momentum=0.9)(x)


def _squeeze_and_excitation(x: Tensor, filters: int) -> Tensor:
    """Hu et al., "Squeeze-and-Excitation Networks" (2018), with a reduction of 8."""
    scale = layers.GlobalAveragePooling2D(keepdims=True)(x)
    scale = layers.Conv2D(filters // 8, 1, activation="relu")(scale)
    scale = layers.Conv2D(filters, 1, activation="sigmoid")(scale)
    return layers.Multiply()([x, scale])


def _residual_block(x: Tensor, filters: int) -> Tensor:
    """He et al., "Deep Residual Learning" (2016); the last gamma starts at zero (Goyal et al., 2017)."""
    shortcut = x if x.shape[-1] == filters else _convolution(x, filters, kernel=1)
    x = layers.ReLU()(_convolution(x, filters))
    x = _squeeze_and_excitation(_convolution(x, filters, gamma="zeros"), filters)
    return layers.ReLU()(layers.Add()([x, shortcut]))


def _residual(x: Tensor, widths: tuple[int, int, int] = (48, 96, 192)) -> Tensor:
    # FER-2013's outermost pixels carry little face; cropping here, not in the loader, keeps
    # training's random shifts and serving's centre in the same frame.
    x = layers.Cropping2D(2)(x)
    for _ in range(2):
        x = layers.ReLU()(_convolution(x, 32))
    for filters in widths:
        # "same" keeps the last row and column of an odd side: 44, 22, 11, 6.
        x = layers.MaxPooling2D(padding="same")(x)
        for _ in range(2):
            x = _residual_block(x, filters)
    x = layers.GlobalAveragePooling2D()(x)
    return layers.Dropout(0.3)(x)


def _wide_residual(x: Tensor) -> Tensor:
    return _residual(x, widths=(64, 128, 256))


def _wider_residual(x: Tensor) -> Tensor:
    return _residual(x, widths=(64, 128, 384))


def _vgg(x: Tensor) -> Tensor:
    """Plain convolutions without shortcuts (Simonyan and Zisserman, "Very Deep Convolutional Networks", 2015)."""
    x = layers.Cropping2D(2)(x)
    for filters, count in ((32, 2), (64, 2), (128, 3), (256, 3)):
        for _ in range(count):
            x = layers.ReLU()(_convolution(x, filters))
        x = layers.MaxPooling2D(padding="same")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return layers.Dropout(0.4)(x)


ARCHITECTURES: dict[str, Architecture] = {
    row.name: row
    for row in (
        Architecture("mlp", "two dense layers: the baseline", _mlp),
        Architecture("cnn", "the classic: four convolutions, two dense layers", _cnn),
        Architecture("residual", "residual blocks with squeeze-and-excitation and global pooling", _residual),
        Architecture("wide_residual", "the same, a third wider: slower to train, more exact", _wide_residual),
        Architecture("wider_residual", "the same with 384 channels at the end", _wider_residual),
        Architecture("vgg", "plain convolutions without shortcuts: a teacher of another family", _vgg),
    )
}


def find_architecture(name: str) -> Architecture:
    """Return the registry row; raise `LearningError` naming the known ones."""
    if name not in ARCHITECTURES:
        raise not_one_of("architecture", name, list(ARCHITECTURES))
    return ARCHITECTURES[name]


def build_model(
    name: str, *, votes_head: bool = False, precision: str = "float32", side: int | None = SIDE
) -> keras.Model:
    """Build an untrained network; layer names depend on the architecture alone, so weights move by name.

    `precision` is a Keras dtype policy ("float32", "mixed_bfloat16", "mixed_float16"); the heads stay float32.
    `side` None takes faces of any size, for training on small ones first.
    """
    architecture = find_architecture(name)
    keras.backend.clear_session()
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy(precision)
    try:
        pixels = keras.Input((side, side, 1), name="pixels", dtype="float32")
        features = architecture.features(layers.Rescaling(1 / 127.5, offset=-1.0)(pixels))
        outputs = {"emotion": layers.Dense(len(EMOTIONS), "softmax", name="emotion", dtype="float32")(features)}
        if votes_head:
            outputs["votes"] = layers.Dense(len(EMOTIONS), "softmax", name="votes", dtype="float32")(features)
        return keras.Model(pixels, outputs, name=name)
    finally:
        keras.mixed_precision.set_dtype_policy(before)


def copy_weights(source: keras.Model, target: keras.Model) -> None:
    """Copy the weights of every layer that both have, by name; a head that only one has is left alone."""
    names = {layer.name for layer in source.layers}
    for layer in target.layers:
        if layer.name in names:
            layer.set_weights(source.get_layer(layer.name).get_weights())
