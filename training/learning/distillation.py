"""Soft targets from other versions' answers.

Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015): one network learns the mean of several
networks' answers. The teachers answer to each face as it is, once, or to the view that the student sees (Beyer et al.,
"Knowledge distillation: A good teacher is patient and consistent", 2022).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from analysis.recognition.bundle import Bundle
from analysis.recognition.classifier import Classifier, calibrate
from analysis.recognition.readings import Reading

Probabilities = npt.NDArray[np.float32]
SoftTargets = dict[Reading, Probabilities]
Teach = Callable[[npt.NDArray[np.uint8]], SoftTargets]
"""Maps faces, uint8 (N, 48, 48, 1), to what to learn of them, float32 (N, 7), by reading."""


class Teachers:
    """Loaded versions that answer together; one named twice counts twice, and answers once."""

    def __init__(self, bundles: Sequence[Bundle]) -> None:
        self._bundles = list(bundles)
        self._classifiers = {bundle.name: Classifier(bundle) for bundle in bundles}
        self._lock = threading.Lock()  # batches are made in a thread of Keras' own

    def answer(self, images: npt.NDArray[np.uint8]) -> SoftTargets:
        """Return the mean of the calibrated answers, float32 (N, 7), for faces, uint8 (N, 48, 48, 1).

        The votes' mean is of those teachers that have the reading; absent where none has.
        """
        with self._lock:
            raw = {name: classifier.read(images[..., 0]) for name, classifier in self._classifiers.items()}
        answers: dict[Reading, list[Probabilities]] = {}
        for bundle in self._bundles:
            for reading, values in raw[bundle.name].items():
                answers.setdefault(reading, []).append(calibrate(values, bundle.temperature_of(reading)))
        return {reading: np.mean(values, axis=0, dtype=np.float32) for reading, values in answers.items()}
