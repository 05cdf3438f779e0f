"""What an export chooses on PublicTest: the strength of the class prior, the votes' share, the temperatures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.recognition.readings import Reading
from training.learning.data.splits import Split
from training.learning.evaluation.metrics import Labels, Probabilities, blend, fit_temperature
from training.learning.evaluation.votes import find_majorities, mixed_targets

PRIOR_STRENGTHS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
ALLOWED_ACCURACY_LOSS = 0.0025
"""Share of faces that a stronger prior may name wrongly beyond none at all."""
SHARES = tuple(step / 20 for step in range(21))


@dataclass(frozen=True)
class Serving:
    """How a network's outputs become the served answer. `votes_share` is None for a network with one reading."""

    temperature: float
    votes_share: float | None = None
    temperatures: dict[Reading, float] | None = None

    def as_card(self) -> dict[str, object]:
        """Return the entries of the card; a version with one reading has the temperature alone."""
        entries: dict[str, object] = {"temperature": self.temperature}
        if self.votes_share is not None:
            entries |= {"votes_share": self.votes_share, "temperatures": self.temperatures}
        return entries


def choose_prior_strength(probabilities: Probabilities, labels: Labels, prior: npt.NDArray[np.float64]) -> float:
    """Return the tau by which to subtract tau * log(prior) from the logits behind `probabilities`, float (N, 7).

    `prior` is float (7,), the share of each class among the training rows. Of `PRIOR_STRENGTHS`, that of the highest
    balanced accuracy whose accuracy is within `ALLOWED_ACCURACY_LOSS` of none at all. Source: Menon et al.,
    "Long-tail learning via logit adjustment" (2021).
    """
    logs = np.log(np.maximum(probabilities.astype(np.float64), 1e-9))
    answers = {tau: (logs - tau * np.log(prior)).argmax(axis=1) for tau in PRIOR_STRENGTHS}
    least = _accuracy(answers[0.0], labels) - ALLOWED_ACCURACY_LOSS
    fitting = [tau for tau in PRIOR_STRENGTHS if _accuracy(answers[tau], labels) >= least]
    return max(fitting, key=lambda tau: (_balanced_accuracy(answers[tau], labels), -tau))


def choose_serving(readings: dict[Reading, Probabilities], validation: Split) -> Serving:
    """Return how to serve `readings`, each uncalibrated, float32 (N, 7), by the validation split.

    The share maximizes the mean of the accuracies against the label and against the votes' majority; the served
    temperature is fitted against the mean of label and votes, each reading's against its own target.
    """
    of_labels = fit_temperature(readings[Reading.LABELS], validation.labels)
    if Reading.VOTES not in readings:
        return Serving(of_labels)
    votes = validation.emotion_votes()
    if validation.votes is None or votes is None or not votes.any():
        return Serving(of_labels, 0.0, {Reading.LABELS: of_labels, Reading.VOTES: 1.0})
    share = choose_votes_share(readings, validation.labels, find_majorities(validation.votes).labels)
    rows = votes.sum(axis=1) > 0
    of_votes = fit_temperature(readings[Reading.VOTES][rows], votes[rows])
    temperatures = {Reading.LABELS: of_labels, Reading.VOTES: of_votes}
    return Serving(fit_temperature(blend(readings, share), mixed_targets(validation)), share, temperatures)


def choose_votes_share(readings: dict[Reading, Probabilities], labels: Labels, majorities: Labels) -> float:
    """Return the share of the votes' reading, 0 to 1; `majorities` is int (N,), -1 where a face has none."""
    counted = majorities >= 0

    def score(share: float) -> float:
        answers = blend(readings, share).argmax(axis=1)
        return _accuracy(answers, labels) + _accuracy(answers[counted], majorities[counted])

    return max(SHARES, key=score)


def _accuracy(answers: Labels, labels: Labels) -> float:
    return float((answers == labels).mean()) if len(labels) else 0.0


def _balanced_accuracy(answers: Labels, labels: Labels) -> float:
    return float(np.mean([(answers[labels == label] == label).mean() for label in np.unique(labels)]))
