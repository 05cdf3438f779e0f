"""The temperature that makes probabilities mean frequencies."""

import numpy as np
import pytest

from analysis.recognition.classifier import calibrate
from training.learning.evaluation.metrics import evaluate, fit_temperature


@pytest.fixture
def honest():
    """Probabilities, and labels drawn from just these."""
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.full(7, 0.8), 4000).astype(np.float32)
    labels = np.array([rng.choice(7, p=row / row.sum()) for row in probabilities.astype(float)])
    return probabilities, labels


def test_honest_probabilities_stay(honest):
    assert fit_temperature(*honest) == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("overconfidence", [0.6, 1.8])
def test_it_undoes_over_and_underconfidence(honest, overconfidence):
    probabilities, labels = honest
    distorted = calibrate(probabilities, 1 / overconfidence)
    temperature = fit_temperature(distorted, labels)
    assert temperature == pytest.approx(overconfidence, rel=0.12)
    assert evaluate(calibrate(distorted, temperature), labels).ece < evaluate(distorted, labels).ece


def test_zeros_of_an_int8_softmax_do_not_break_it():
    probabilities = np.eye(7, dtype=np.float32)
    assert 0.25 <= fit_temperature(probabilities, np.array([0, 1, 2, 3, 4, 5, 0])) <= 4
