"""Answers against FER+'s votes: the class that most people see in a face, and the mean of label and votes.

Source: Barsoum et al., "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label
Distribution" (2016), and the code published with it, for what counts as a majority.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.errors import gettext_noop
from training.learning.data.splits import EMOTION_COLUMNS, VOTE_CLASSES, Split
from training.learning.errors import LearningError
from training.learning.evaluation.metrics import Evaluation, Labels, Probabilities, evaluate

VOTERS = 10
"""People who voted on each face of FER+."""
_CONTEMPT = VOTE_CLASSES.index("contempt")


@dataclass(frozen=True)
class Majorities:
    """`labels` int64 (N,): the class in the order of `EMOTIONS` that most people see, or -1 where none counts.

    Faces without one are counted by why: no class has more than half of the votes (`ties`), most people see
    `contempt`, which no network here names, or most see no face, or cannot tell (`unknown`).
    """

    labels: Labels
    ties: int
    contempt: int
    unknown: int

    @property
    def counted(self) -> npt.NDArray[np.bool_]:
        """Which faces have a majority for one of the seven classes, bool (N,)."""
        return self.labels >= 0


def find_majorities(votes: Probabilities) -> Majorities:
    """Return the majority of FER+ votes, float32 (N, 10) shares in the order of `VOTE_CLASSES`.

    As Barsoum et al. do: a class with a single vote is dropped as an outlier, and a majority is more than half of
    what is left. They count contempt as an eighth class; here such faces are left out.
    """
    single = 1.5 / VOTERS
    kept = np.where(votes > single, votes, 0)
    columns = kept.argmax(axis=1)
    has_majority = kept.max(axis=1) > kept.sum(axis=1) / 2
    emotion_of = np.full(len(VOTE_CLASSES), -1, np.int64)
    emotion_of[list(EMOTION_COLUMNS)] = np.arange(len(EMOTIONS))
    labels = np.where(has_majority, emotion_of[columns], -1)
    contempt = int((has_majority & (columns == _CONTEMPT)).sum())
    unknown = int((has_majority & (labels < 0)).sum()) - contempt
    return Majorities(labels, int((~has_majority).sum()), contempt, unknown)


@dataclass(frozen=True)
class VotesEvaluation:
    """Answers against the votes' majority: `evaluation` of the faces that have one, and how many were left out."""

    evaluation: Evaluation
    ties: int
    contempt: int
    unknown: int

    @property
    def accuracy_with_contempt(self) -> float:
        """The accuracy where a face of contempt counts as named wrongly, as beside a network that has the class."""
        n = self.evaluation.n
        return self.evaluation.accuracy * n / (n + self.contempt)

    def as_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        left_out = {"ties": self.ties, "contempt": self.contempt, "unknown": self.unknown}
        return {
            **self.evaluation.as_json(),
            "left_out": left_out,
            "accuracy_with_contempt": self.accuracy_with_contempt,
        }


def evaluate_votes(probabilities: Probabilities, votes: Probabilities) -> VotesEvaluation:
    """Compare probabilities, float (N, 7), with the majority of FER+ votes, float32 (N, 10).

    Raises `LearningError` where no face has a majority for one of the seven classes.
    """
    majorities = find_majorities(votes)
    rows = majorities.counted
    if not rows.any():
        text = gettext_noop("No face has a majority of votes for one of these: %(known)s.")
        raise LearningError(text, known=", ".join(EMOTIONS))
    evaluation = evaluate(probabilities[rows], majorities.labels[rows])
    return VotesEvaluation(evaluation, majorities.ties, majorities.contempt, majorities.unknown)


def mixed_targets(split: Split) -> Probabilities:
    """Return the mean of each face's one-hot label and its votes for the seven classes, float32 (N, 7).

    The label alone where the votes do not count; see `Split.emotion_votes`.
    """
    targets = np.eye(len(EMOTIONS), dtype=np.float32)[split.labels]
    votes = split.emotion_votes()
    if votes is not None:
        rows = votes.sum(axis=1) > 0
        targets[rows] = (targets[rows] + votes[rows]) / 2
    return targets
