"""Learning from other versions' answers, not from labels alone.

Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015): the mean of several networks' answers
tells what a face looks like besides its label, and one network learns it. The teachers see each face as it is, the
student changed and spoilt (Xie et al., "Self-training with Noisy Student", 2020).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from analysis.recognition.bundle import Bundle
from analysis.recognition.classifier import Classifier

Probabilities = npt.NDArray[np.float32]
Teach = Callable[[npt.NDArray[np.uint8]], Probabilities]
"""Maps faces, uint8 (N, 48, 48, 1), to what to learn of them, float32 (N, 7)."""


def soft_targets(teachers: Sequence[Bundle], images: npt.NDArray[np.uint8]) -> Probabilities:
    """Return the mean of the teachers' calibrated answers, float32 (N, 7), for faces, uint8 (N, 48, 48, 1).

    One named twice counts twice, and answers once.
    """
    distinct = {teacher.name: teacher for teacher in teachers}
    answers = {name: Classifier(teacher).classify(images[..., 0]) for name, teacher in distinct.items()}
    return np.asarray(np.mean([answers[teacher.name] for teacher in teachers], axis=0), np.float32)
