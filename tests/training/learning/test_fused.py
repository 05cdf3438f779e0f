"""Batch normalization in one operation is the same layer."""

import keras
import numpy as np
import pytest

from training.learning.network.architectures import build_model, copy_weights
from training.learning.network.fused_batch_norm import FusedBatchNormalization, with_fused_normalization


@pytest.fixture(scope="module")
def pair():
    keras.utils.set_random_seed(3)
    plain = build_model("residual", votes_head=True)
    fused = with_fused_normalization(plain)
    copy_weights(plain, fused)
    return plain, fused


def normalizations(model):
    return [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]


def test_layers_keep_their_names_and_all_over_pictures_are_fused(pair):
    plain, fused = pair
    assert [layer.name for layer in plain.layers] == [layer.name for layer in fused.layers]
    assert fused.output.keys() == {"emotion", "votes"}
    assert {type(layer) for layer in normalizations(fused)} == {FusedBatchNormalization}


def test_the_mlps_vectors_keep_keras_own():
    assert {type(layer) for layer in normalizations(with_fused_normalization(build_model("mlp")))} == {
        keras.layers.BatchNormalization
    }


def test_it_answers_and_learns_statistics_as_keras_own():
    faces = np.random.default_rng(0).normal(3, 2, (16, 8, 8, 4)).astype(np.float32)
    plain, fused = keras.layers.BatchNormalization(momentum=0.5), FusedBatchNormalization(momentum=0.5)
    for training in (True, True, False):
        expected, found = plain(faces, training=training), fused(faces, training=training)
        np.testing.assert_allclose(np.asarray(found), np.asarray(expected), atol=0.01)
    for expected, found in zip(plain.get_weights(), fused.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0.002, atol=1e-4)


def test_a_frozen_layer_keeps_its_statistics():
    layer = FusedBatchNormalization(trainable=False)
    faces = np.full((4, 8, 8, 2), 9, np.float32)
    np.testing.assert_allclose(np.asarray(layer(faces, training=True)), 9, rtol=0.01)
    assert layer.moving_mean.numpy().tolist() == [0, 0]


def test_other_backends_keep_keras_own(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    network = build_model("mlp")
    assert with_fused_normalization(network) is network
