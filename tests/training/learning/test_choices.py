"""What an export chooses on PublicTest."""

import numpy as np
import pytest

from analysis.recognition.readings import Reading
from training.learning.data.splits import VOTE_CLASSES, Split
from training.learning.evaluation.choices import choose_prior_strength, choose_serving, choose_votes_share

SEVEN = np.eye(7, dtype=np.float32)


def _answers(*rows: dict[int, float]) -> np.ndarray:
    return np.array([[row.get(label, 0.0) for label in range(7)] for row in rows], np.float32)


def test_a_prior_is_subtracted_as_far_as_accuracy_allows():
    prior = np.array([0.04, 0.16, 0.16, 0.16, 0.16, 0.16, 0.16])
    # A rare class's face that a quarter of its prior's log moves to the right answer.
    answers = np.concatenate([SEVEN, _answers({0: 0.4, 3: 0.6})])
    labels = np.array([0, 1, 2, 3, 4, 5, 6, 0])
    strength = choose_prior_strength(answers, labels, prior)
    assert strength == 0.3
    logits = np.log(np.maximum(answers, 1e-9)) - strength * np.log(prior)
    assert (logits.argmax(axis=1) == labels).all()


def test_no_prior_is_subtracted_where_it_helps_no_class():
    assert choose_prior_strength(SEVEN, np.arange(7), np.full(7, 1 / 7)) == 0.0


def test_the_share_balances_both_accuracies():
    labels, majorities = np.array([0, 1, 2, 3]), np.array([0, 1, 2, 6])
    readings = {Reading.LABELS: SEVEN[labels], Reading.VOTES: SEVEN[majorities]}
    both = choose_votes_share(readings, labels, majorities)
    assert 0 <= both <= 1
    assert choose_votes_share(readings, labels, np.array([0, 1, 2, -1])) < 0.5
    assert choose_votes_share({**readings, Reading.LABELS: SEVEN[majorities]}, majorities, majorities) == 0.0


def test_a_network_of_one_reading_has_a_temperature_alone():
    split = Split(np.zeros((7, 48, 48, 1), np.uint8), np.arange(7))
    serving = choose_serving({Reading.LABELS: SEVEN * 0.9 + 0.1 / 7}, split)
    assert set(serving.as_card()) == {"temperature"}


def test_two_readings_have_a_share_and_a_temperature_each():
    votes = np.zeros((7, len(VOTE_CLASSES)), np.float32)
    votes[:, 0] = 1
    split = Split(np.zeros((7, 48, 48, 1), np.uint8), np.arange(7), votes)
    answers = SEVEN * 0.9 + 0.1 / 7
    card = choose_serving({Reading.LABELS: answers, Reading.VOTES: answers}, split).as_card()
    assert set(card) == {"temperature", "votes_share", "temperatures"}
    assert set(card["temperatures"]) == {"labels", "votes"}
    # Six of seven faces look neutral to people, which these answers do not see.
    assert card["temperatures"]["votes"] == pytest.approx(4, abs=0.01)
