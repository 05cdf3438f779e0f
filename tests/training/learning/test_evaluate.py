"""Figures from probabilities and labels."""

import json

import numpy as np
import pytest

from training.learning.errors import LearningError
from training.learning.evaluation.metrics import Certainty, evaluate


def sure(answers, confidence=0.7):
    """Return probabilities whose likeliest classes are `answers`."""
    probabilities = np.full((len(answers), 7), (1 - confidence) / 6, np.float32)
    probabilities[np.arange(len(answers)), answers] = confidence
    return probabilities


def test_all_right():
    labels = np.arange(7)
    evaluation = evaluate(sure(labels), labels)
    assert (evaluation.accuracy, evaluation.macro_f1, evaluation.n) == (1.0, 1.0, 7)
    assert evaluation.recall == (1.0,) * 7
    assert np.array_equal(evaluation.confusion, np.eye(7))


def test_confusion_counts_actual_classes_in_rows():
    evaluation = evaluate(sure([3, 3, 4]), np.array([3, 4, 4]))
    assert evaluation.confusion[4][3] == 1
    assert evaluation.confusion[3][4] == 0
    assert evaluation.accuracy == pytest.approx(2 / 3)


def test_absent_classes_have_no_recall_and_are_left_out_of_macro_f1():
    evaluation = evaluate(sure([3, 3, 4, 0]), np.array([3, 4, 4, 4]))
    assert evaluation.recall == (None, None, None, 1.0, pytest.approx(1 / 3), None, None)
    assert evaluation.macro_f1 == pytest.approx((2 / 3 + 2 / 4) / 2)
    assert evaluation.absent == ("angry", "disgust", "fear", "surprise", "neutral")


def test_calibration_error_is_the_gap_between_confidence_and_accuracy():
    labels = np.array([0] * 10)
    evaluation = evaluate(sure([0] * 6 + [1] * 4, confidence=0.9), labels)
    assert evaluation.ece == pytest.approx(0.9 - 0.6, abs=1e-6)
    (only,) = evaluation.reliability
    assert (only.n, only.accuracy) == (10, pytest.approx(0.6))
    assert only.lower < 0.9 <= only.upper


def test_calibration_error_weighs_its_fifteen_bins_by_faces():
    probabilities = np.concatenate([sure([0] * 3, 0.5), sure([0], 0.99)])
    evaluation = evaluate(probabilities, np.zeros(4, int))
    assert evaluation.ece == pytest.approx(0.75 * 0.5 + 0.25 * 0.01, abs=1e-6)


def test_answers_called_uncertain_are_counted_apart():
    probabilities = np.concatenate([sure([0, 0, 1], 0.9), sure([2], 0.4)])
    certainty = evaluate(probabilities, np.array([0, 0, 0, 2])).certainty
    assert (certainty.uncertain, certainty.accuracy_uncertain) == (0.25, 1.0)
    assert certainty.accuracy_certain == pytest.approx(2 / 3)


def test_what_a_picture_shows_badly_is_uncertain_however_sure_the_network():
    images = np.random.default_rng(0).integers(60, 200, (2, 48, 48, 1), np.uint8)
    images[1] //= 10
    certainty = evaluate(sure([0, 1], 0.9), np.array([0, 0]), images).certainty
    assert certainty == Certainty(uncertain=0.5, accuracy_uncertain=0.0, accuracy_certain=1.0)


def test_without_uncertain_answers_there_is_no_accuracy_of_them():
    assert evaluate(sure([0], 0.9), np.array([0])).certainty == Certainty(0.0, None, 1.0)


def test_its_json_has_exactly_the_documented_keys():
    values = json.loads(json.dumps(evaluate(sure([3]), np.array([3])).as_json()))
    documented = {"accuracy", "balanced_accuracy", "macro_f1", "recall", "confusion", "ece", "n", "certainty"}
    assert set(values) == documented
    assert values["recall"] == dict.fromkeys(["angry", "disgust", "fear", "sad", "surprise", "neutral"]) | {"happy": 1}


@pytest.mark.parametrize("shape", [(0, 7), (2, 6), (3, 7)])
def test_it_refuses_another_shape(shape):
    with pytest.raises(LearningError, match="probabilities have the shape"):
        evaluate(np.ones(shape, np.float32), np.zeros(shape[0] and 2, int))
