"""What a training step sees."""

import numpy as np
import pytest

from analysis.recognition.readings import Reading
from tests.training.conftest import band_faces
from training.learning.data.batches import TrainingBatches, class_weights, one_hot
from training.learning.data.read import VOTE_CLASSES, Split
from training.learning.fit import TrainingConfig


def split_of(rows, votes=None):
    faces, labels = band_faces(rows)
    return Split(faces[..., np.newaxis], labels, votes)


def config(**changes):
    return TrainingConfig.for_architecture("mlp", batch_size=14, **changes)


def test_a_teachers_answer_takes_its_share_of_the_target():
    split = split_of(14)
    taught = np.full((14, 7), 1 / 7, np.float32)
    batches = TrainingBatches(split, config(teacher_weight=0.25), lambda images: {Reading.LABELS: taught})
    expected = 0.75 * one_hot(split.labels) + 0.25 / 7
    _, targets, _ = batches[0]
    order = np.random.default_rng((0, 0)).permutation(14)
    np.testing.assert_allclose(targets["emotion"], expected[order], atol=1e-6)


def test_without_weighting_all_faces_count_alike():
    split = Split(np.zeros((5, 48, 48, 1), np.uint8), np.array([0, 0, 0, 0, 1]))
    assert class_weights(split, 0.0).tolist() == [1] * 7


def test_with_full_weighting_all_classes_count_alike():
    split = Split(np.zeros((5, 48, 48, 1), np.uint8), np.array([0, 0, 0, 0, 1]))
    weights = class_weights(split, 1.0)
    assert weights[1] == pytest.approx(4 * weights[0])
    assert weights[split.labels].mean() == pytest.approx(1)


def test_rows_are_mixed_with_others_in_the_share_of_their_targets():
    split = split_of(14)
    images, targets, weights = TrainingBatches(split, config(mixup=1.0, augmentation="none"))[0]
    assert (weights["emotion"] == 1).all()
    np.testing.assert_allclose(targets["emotion"].sum(axis=1), 1, atol=1e-6)
    shares = targets["emotion"].max(axis=1)
    assert ((shares < 1) & (shares >= 0.5)).any()
    # A class is a band of brightness, 36 apart: the mean pixel tells the mixture.
    expected = 18 + 36 * (targets["emotion"] * np.arange(7)).sum(axis=1)
    np.testing.assert_allclose(images.mean(axis=(1, 2, 3)), expected, atol=1.5)


def test_votes_are_mixed_too_and_count_by_who_has_them():
    votes = np.zeros((14, len(VOTE_CLASSES)), np.float32)
    votes[:7, 3] = 1
    _, targets, weights = TrainingBatches(split_of(14, votes), config(mixup=1.0))[0]
    np.testing.assert_allclose(targets["votes"].sum(axis=1), weights["votes"], atol=1e-6)


def test_votes_count_where_three_are_for_the_seven_emotions():
    votes = np.zeros((14, len(VOTE_CLASSES)), np.float32)
    votes[:, VOTE_CLASSES.index("unknown")] = 0.7
    votes[:, VOTE_CLASSES.index("sadness")] = 0.3
    votes[0] = np.eye(len(VOTE_CLASSES))[VOTE_CLASSES.index("contempt")]
    _, targets, weights = TrainingBatches(split_of(14, votes), config())[0]
    assert (weights["votes"].sum(), targets["votes"].shape) == (13, (14, 7))
    assert targets["votes"][:, 4].sum() == 13


def test_the_first_epochs_faces_are_small():
    batches = TrainingBatches(split_of(14), config(epochs=5, small=0.6))
    sides = []
    for epoch in range(5):
        batches.begin_epoch(epoch)
        sides.append(batches[0][0].shape[1])
    assert sides == [36, 36, 36, 48, 48]


def test_teachers_may_answer_to_the_view_that_the_network_sees():
    split, seen = split_of(14), []

    def teach(images):
        seen.append(images)
        return {Reading.LABELS: np.full((len(images), 7), 1 / 7, np.float32)}

    batches = TrainingBatches(split, config(teacher_view="augmented", augmentation="strong"), teach)
    assert not seen
    images, targets, _ = batches[0]
    np.testing.assert_array_equal(seen[0], images)
    assert targets["emotion"].max() == pytest.approx(0.5 + 0.5 / 7)


def test_teachers_answer_for_the_votes_too_where_votes_count():
    votes = np.zeros((14, len(VOTE_CLASSES)), np.float32)
    votes[:, VOTE_CLASSES.index("sadness")] = 1
    answers = {name: np.full((14, 7), 1 / 7, np.float32) for name in (Reading.LABELS, Reading.VOTES)}
    _, targets, _ = TrainingBatches(split_of(14, votes), config(teacher_weight=0.7), lambda images: answers)[0]
    np.testing.assert_allclose(targets["votes"][:, 4], 0.3 + 0.1, atol=1e-6)
