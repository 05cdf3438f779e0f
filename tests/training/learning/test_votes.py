"""Majorities of FER+'s votes, and what a face's label and votes together say."""

import numpy as np
import pytest

from training.learning.data.splits import VOTE_CLASSES, Split
from training.learning.errors import LearningError
from training.learning.evaluation.votes import evaluate_votes, find_majorities, mixed_targets


def shares(*faces: dict[str, int]) -> np.ndarray:
    """Return the votes, float32 (N, 10), of ten people for each face."""
    return np.array([[face.get(name, 0) / 10 for name in VOTE_CLASSES] for face in faces], np.float32)


@pytest.mark.parametrize(
    ("votes", "label"),
    [
        ({"happiness": 10}, 3),
        ({"neutral": 6, "sadness": 4}, 6),
        ({"neutral": 5, "sadness": 5}, -1),
        ({"neutral": 4, "sadness": 3, "anger": 3}, -1),
        # Single votes are outliers, so four of seven are a majority.
        ({"neutral": 4, "sadness": 3, "anger": 1, "fear": 1, "NF": 1}, 6),
        ({"contempt": 8, "neutral": 2}, -1),
        ({"unknown": 7, "fear": 3}, -1),
        ({}, -1),
    ],
)
def test_a_majority_is_more_than_half_of_the_votes_without_outliers(votes, label):
    assert find_majorities(shares(votes)).labels.tolist() == [label]


def test_faces_without_a_majority_are_counted_by_why():
    votes = shares({"contempt": 9}, {"NF": 10}, {"unknown": 6}, {"fear": 5, "sadness": 5}, {"fear": 10})
    majorities = find_majorities(votes)
    assert (majorities.contempt, majorities.unknown, majorities.ties) == (1, 2, 1)
    assert majorities.counted.tolist() == [False, False, False, False, True]


def test_answers_are_scored_on_faces_that_have_a_majority():
    votes = shares({"anger": 10}, {"fear": 10}, {"contempt": 10}, {"fear": 5, "sadness": 5})
    found = evaluate_votes(np.eye(7, dtype=np.float32)[[0, 0, 1, 2]], votes)
    assert (found.evaluation.n, found.evaluation.accuracy) == (2, 0.5)
    assert found.accuracy_with_contempt == pytest.approx(1 / 3)
    assert found.as_json()["left_out"] == {"ties": 1, "contempt": 1, "unknown": 0}


def test_votes_of_which_none_counts_are_refused():
    with pytest.raises(LearningError, match="a majority of votes for one of these: angry"):
        evaluate_votes(np.eye(7, dtype=np.float32)[:1], shares({"NF": 10}))


def _split(votes: np.ndarray) -> Split:
    return Split(np.zeros((len(votes), 48, 48, 1), np.uint8), np.zeros(len(votes), np.int64), votes)


def test_the_seven_emotions_votes_sum_to_one_where_three_or_more_are_for_them():
    votes = shares({"neutral": 2, "sadness": 1, "contempt": 7}, {"neutral": 2, "unknown": 8}, {"happiness": 10})
    seven = _split(votes).emotion_votes()
    assert seven.dtype == np.float32
    assert np.allclose(seven, [[0, 0, 0, 0, 1 / 3, 0, 2 / 3], [0] * 7, [0, 0, 0, 1, 0, 0, 0]])


def test_a_mixed_target_is_the_mean_of_label_and_votes_or_the_label_alone():
    targets = mixed_targets(_split(shares({"neutral": 5, "anger": 5}, {"NF": 10})))
    assert np.allclose(targets, [[0.75, 0, 0, 0, 0, 0, 0.25], [1, 0, 0, 0, 0, 0, 0]])
