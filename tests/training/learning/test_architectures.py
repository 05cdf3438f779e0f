"""The registry of networks."""

from functools import cache

import keras
import numpy as np
import pytest

from training.learning.errors import LearningError
from training.learning.network.architectures import ARCHITECTURES, build_model, copy_weights, find_architecture

built = cache(build_model)
"""For tests that only read it."""


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_it_maps_unscaled_faces_to_seven_probabilities(name):
    faces = np.random.default_rng(0).integers(0, 256, (2, 48, 48, 1)).astype(np.float32)
    answers = np.asarray(built(name)(faces)["emotion"])
    assert answers.shape == (2, 7)
    assert answers.dtype == np.float32
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_pixel_scaling_is_a_layer_inside(name):
    assert any(isinstance(layer, keras.layers.Rescaling) for layer in built(name).layers)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_it_is_rebuilt_from_json_in_safe_mode(name):
    network = built(name)
    again = keras.models.model_from_json(network.to_json())
    assert again.count_params() == network.count_params()


def test_the_classic_is_as_published():
    layers = built("cnn").layers
    convolutions = [layer for layer in layers if isinstance(layer, keras.layers.Conv2D)]
    assert [(layer.filters, layer.kernel_size[0]) for layer in convolutions] == [(64, 3), (128, 5), (512, 3), (512, 3)]
    dense = [layer.units for layer in layers if isinstance(layer, keras.layers.Dense)]
    assert dense == [256, 512, 7]
    kinds = [type(layer).__name__ for layer in layers[2:7]]
    assert kinds == ["Conv2D", "BatchNormalization", "ReLU", "MaxPooling2D", "Dropout"]
    assert {layer.rate for layer in layers if isinstance(layer, keras.layers.Dropout)} == {0.25}


def test_weights_move_by_name_between_networks_with_and_without_a_votes_head():
    trained = build_model("mlp", votes_head=True, precision="mixed_bfloat16")
    assert trained.output["votes"].shape == (None, 7)
    serving = build_model("mlp")
    copy_weights(trained, serving)
    for mine, theirs in zip(
        serving.get_layer("dense").get_weights(), trained.get_layer("dense").get_weights(), strict=True
    ):
        np.testing.assert_array_equal(mine, theirs)
    assert {weight.dtype for weight in serving.weights} == {"float32"}


def test_it_names_what_it_knows():
    with pytest.raises(
        LearningError,
        match=r"architecture is “transformer”. It must be one of these: mlp, cnn, residual, wide_residual",
    ):
        find_architecture("transformer")


@pytest.mark.parametrize("name", ["residual", "wide_residual", "wider_residual", "vgg"])
def test_a_network_of_any_side_takes_small_faces_with_the_same_weights(name):
    network = build_model(name, side=None)
    sizes = [network(np.zeros((1, side, side, 1), np.float32))["emotion"].shape for side in (36, 48)]
    assert sizes == [(1, 7), (1, 7)]
    copy_weights(built(name), network)


def test_pooling_keeps_the_last_row_and_column():
    pools = [layer for layer in built("wide_residual").layers if isinstance(layer, keras.layers.MaxPooling2D)]
    assert [pool.output.shape[1] for pool in pools] == [22, 11, 6]
