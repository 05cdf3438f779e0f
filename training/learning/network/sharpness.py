"""Sharpness-aware minimization: each step descends from the worst point near the weights.

Source: Foret et al., "Sharpness-Aware Minimization for Efficiently Improving Generalization" (2021). For TensorFlow.
"""

from __future__ import annotations

from typing import Any

import keras

from analysis.recognition.errors import gettext_noop
from training.learning.errors import LearningError


class SharpnessAwareModel(keras.Model):  # type: ignore[misc]  # Keras ships no types
    """A functional network whose training step is sharpness-aware while `radius` is above 0."""

    radius = 0.0

    def train_step(self, data: Any) -> Any:
        """Return the metrics of one step; twice the time of an ordinary one."""
        if not self.radius:
            return super().train_step(data)
        import tensorflow as tf

        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        variables = [variable.value for variable in self.trainable_variables]
        gradients, _, _ = self._gradients(tf, x, y, weights, variables)
        length = tf.linalg.global_norm(gradients) + 1e-12
        steps = [self.radius / length * gradient for gradient in gradients]
        for variable, step in zip(variables, steps, strict=True):
            variable.assign_add(step)
        gradients, loss, answers = self._gradients(tf, x, y, weights, variables)
        for variable, step in zip(variables, steps, strict=True):
            variable.assign_sub(step)
        self.optimizer.apply(gradients, self.trainable_variables)
        self._loss_tracker.update_state(loss, sample_weight=tf.shape(x)[0])
        return self.compute_metrics(x, y, answers, sample_weight=weights)

    def _gradients(self, tf: Any, x: Any, y: Any, weights: Any, variables: list[Any]) -> tuple[Any, Any, Any]:
        with tf.GradientTape() as tape:
            answers = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=answers, sample_weight=weights, training=True)
        return tape.gradient(loss, variables), loss, answers


def sharpness_aware(network: keras.Model) -> SharpnessAwareModel:
    """Return `network`'s layers as a model that can train sharpness-aware; raise `LearningError` off TensorFlow."""
    if keras.backend.backend() != "tensorflow":
        text = gettext_noop("Sharpness-aware training needs the Keras backend tensorflow. It is %(backend)s.")
        raise LearningError(text, backend=keras.backend.backend())
    return SharpnessAwareModel(network.input, network.output, name=network.name)
