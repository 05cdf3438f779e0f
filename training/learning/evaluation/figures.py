"""A version's figures on one split, by reading, as its card keeps them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.recognition.bundle import Bundle
from analysis.recognition.classifier import Classifier, calibrate
from analysis.recognition.readings import Reading
from training.learning.data.duplicates import rows_without_duplicates
from training.learning.data.splits import Split
from training.learning.evaluation.metrics import Probabilities, blend, evaluate
from training.learning.evaluation.votes import evaluate_votes, find_majorities, mixed_targets

_BRIEF = ("n", "accuracy", "balanced_accuracy", "macro_f1", "recall")


@dataclass(frozen=True)
class Answers:
    """A version's calibrated answers for the rows of a split, float32 (N, 7) for each reading and as served."""

    split: Split
    by_reading: dict[Reading, Probabilities]

    def take(self, rows: npt.NDArray[np.int64]) -> Answers:
        """Return the answers for these rows, int64 (M,)."""
        return Answers(self.split.take(rows), {name: values[rows] for name, values in self.by_reading.items()})

    @property
    def against_labels(self) -> dict[str, Any]:
        """The served answer's figures against the labels; with two readings, calibration against label and votes."""
        targets = mixed_targets(self.split) if Reading.VOTES in self.by_reading else None
        return self._label_figures(Reading.SERVED, targets)

    @property
    def readings(self) -> dict[str, dict[str, Any]]:
        """Each reading's figures against its own target, and the served answer's against the votes' majority."""
        figures = {str(Reading.LABELS): self._label_figures(Reading.LABELS)}
        votes = self.split.votes
        if Reading.VOTES in self.by_reading and votes is not None and find_majorities(votes).counted.any():
            figures[str(Reading.VOTES)] = evaluate_votes(self.by_reading[Reading.VOTES], votes).as_json()
            figures["served_by_votes"] = evaluate_votes(self.by_reading[Reading.SERVED], votes).as_json()
        return figures

    def _label_figures(self, reading: Reading, targets: Probabilities | None = None) -> dict[str, Any]:
        evaluation = evaluate(self.by_reading[reading], self.split.labels, self.split.images, targets)
        return {**evaluation.as_json(), "reliability": [asdict(b) for b in evaluation.reliability]}


def answer_split(bundle: Bundle, split: Split) -> Answers:
    """Return a version's answers for a split, by LiteRT, which serves."""
    raw = Classifier(bundle).read(split.images[..., 0])
    answers = {name: calibrate(values, bundle.temperature_of(name)) for name, values in raw.items()}
    answers[Reading.SERVED] = calibrate(blend(raw, bundle.votes_share), bundle.temperature)
    return Answers(split, answers)


def figures_without_twins(answers: Answers, training: Split) -> dict[str, dict[str, Any]]:
    """Return the figures, in brief, without the faces whose twin is in the training split; empty where all have one."""
    rows = rows_without_duplicates(answers.split, training)
    if not len(rows):
        return {}
    kept = answers.take(rows)
    figures = {str(Reading.SERVED): kept.against_labels, **kept.readings}
    return {name: {key: values[key] for key in _BRIEF} for name, values in figures.items()}
