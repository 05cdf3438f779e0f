"""Corrected faces join what is learnt from, and nothing that is measured."""

from pathlib import Path

import numpy as np
import pytest

from training.learning.data.splits import TEST, TRAINING, VALIDATION, VOTE_CLASSES, FaceData, Split
from training.learning.errors import LearningError

MORE = np.full((2, 48, 48, 1), 200, np.uint8), np.array([4, 2], np.int64)


def _split(rows, votes=False):
    shares = np.full((rows, len(VOTE_CLASSES)), 0.1, np.float32) if votes else None
    return Split(np.full((rows, 48, 48, 1), 7, np.uint8), np.zeros(rows, np.int64), shares)


def _data(votes=False):
    return FaceData(Path("fer2013.csv"), {name: _split(3, votes) for name in (TRAINING, VALIDATION, TEST)}, "abc")


def test_they_come_after_the_training_rows():
    training = _data().with_training_rows(*MORE).split(TRAINING)
    assert (training.images.shape, training.images.dtype) == ((5, 48, 48, 1), np.uint8)
    assert training.labels.tolist() == [0, 0, 0, 4, 2]


@pytest.mark.parametrize("name", [VALIDATION, TEST])
def test_no_validation_or_test_row_changes(name):
    data = _data()
    assert data.with_training_rows(*MORE).split(name) is data.split(name)


def test_the_data_read_stays_what_it_was():
    data = _data()
    assert data.with_training_rows(*MORE).sha256 == "abc"
    assert len(data.split(TRAINING)) == 3


def test_nobody_voted_for_them():
    training = _data(votes=True).with_training_rows(*MORE).split(TRAINING)
    assert training.votes.shape == (5, len(VOTE_CLASSES))
    assert training.votes[3:].sum() == 0


def test_data_without_a_training_split_takes_none():
    with pytest.raises(LearningError, match="Training"):
        FaceData(Path("other"), {TEST: _split(3)}, "abc").with_training_rows(*MORE)
