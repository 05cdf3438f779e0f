"""Several networks joined into one."""

import numpy as np
import pytest

from training.learning.errors import LearningError
from training.learning.network.architectures import build_model
from training.learning.network.export import serving_network
from training.learning.network.joined import join_networks
from training.learning.recipes import TrainingConfig

FACES = np.random.default_rng(5).integers(0, 256, (4, 48, 48, 1)).astype(np.float32)


def _answers(network, head):
    outputs = network(FACES, training=False)
    return np.asarray(outputs[head])


def _geometric_mean(answers):
    powers = np.exp(np.mean(np.log(answers), axis=0))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("second", "heads"), [({"votes_head": True}, {"labels": "emotion", "votes": "votes"}), ({}, {"labels": "emotion"})]
)
def test_a_joined_network_answers_with_the_mean_of_the_logits(second, heads):
    parts = [build_model("mlp", votes_head=True), build_model("cnn", **second)]
    served = serving_network(join_networks(parts))
    assert set(served.output) == set(heads)
    for reading, head in heads.items():
        expected = _geometric_mean([_answers(part, head) for part in parts])
        np.testing.assert_allclose(_answers(served, reading), expected, atol=1e-5)


def test_one_network_alone_is_not_joined():
    with pytest.raises(LearningError, match="Joining needs two versions or more"):
        join_networks([build_model("mlp")])


@pytest.mark.parametrize(("architecture", "joined"), [("joined", ""), ("mlp", "first,second")])
def test_the_architecture_says_that_versions_are_joined(architecture, joined):
    with pytest.raises(LearningError, match="architecture joined"):
        TrainingConfig.for_architecture(architecture, joined=joined)
