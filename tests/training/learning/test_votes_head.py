"""A head for the votes on a network that stays as it is."""

import numpy as np
import pytest

from tests.training.conftest import band_faces
from training.learning.data.splits import EMOTION_COLUMNS, Split
from training.learning.errors import LearningError
from training.learning.network.architectures import build_model
from training.learning.network.votes_head import add_votes_head, fit_linear
from training.learning.recipes import TrainingConfig

pytestmark = pytest.mark.slow


def _split(rows: int = 70) -> Split:
    images, labels = band_faces(rows)
    votes = np.zeros((rows, 10), np.float32)
    votes[np.arange(rows), np.array(EMOTION_COLUMNS)[(labels + 1) % 7]] = 1
    return Split(images[..., np.newaxis], labels, votes)


def test_it_learns_the_votes_and_leaves_the_labels_answers():
    network, split = build_model("mlp"), _split()
    faces = split.images.astype(np.float32)
    before = network.predict(faces, verbose=0)["emotion"]
    after = add_votes_head(network, split).predict(faces, verbose=0)
    assert np.allclose(before, after["emotion"], atol=1e-5)
    assert (after["votes"].argmax(axis=1) == (split.labels + 1) % 7).mean() > 0.9


def test_votes_are_needed():
    split = Split(*(getattr(_split(), name) for name in ("images", "labels")))
    with pytest.raises(LearningError, match="No training face has votes"):
        add_votes_head(build_model("mlp"), split)


def test_a_version_to_start_from_is_needed():
    with pytest.raises(LearningError, match="votes head is added to a version"):
        TrainingConfig.for_architecture("mlp", votes_head_only=True)


def test_a_linear_head_is_the_softmax_regression():
    rng = np.random.default_rng(0)
    features = rng.normal(3, 2, (400, 5)).astype(np.float32)
    targets = np.eye(3, dtype=np.float32)[(features @ rng.normal(size=(5, 3))).argmax(axis=1)]
    kernel, bias = fit_linear(features, targets)
    assert (kernel.dtype, kernel.shape, bias.shape) == (np.float32, (5, 3), (3,))
    assert ((features @ kernel + bias).argmax(axis=1) == targets.argmax(axis=1)).mean() > 0.95
