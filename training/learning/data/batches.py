"""What a training step sees: shuffled, changed faces with what to answer for each and how much it counts."""

from __future__ import annotations

import cv2
import keras
import numpy as np
import numpy.typing as npt

from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.readings import Reading
from training.learning.data.augmentation import augment, find_augmentation
from training.learning.data.read import Split
from training.learning.distillation import SoftTargets, Teach
from training.learning.recipes import TrainingConfig

SMALL_SIDE = 36
"""Pixels along each side of a face in a training's first epochs; see `Recipe.small`."""
Floats = npt.NDArray[np.float32]
Batch = tuple[Floats, dict[str, Floats], dict[str, Floats]]
"""Images, float32 (B, 48, 48, 1), 0 to 255, or of `SMALL_SIDE`; targets and sample weights by the network's outputs."""


class TrainingBatches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras ships no types
    """Shuffled, augmented batches; a rest that fills no batch is left for another epoch's shuffle.

    `teach` answers what to learn beside labels and votes, once for all faces or, with the teachers' view "augmented",
    for each batch as the network sees it.
    """

    def __init__(self, split: Split, config: TrainingConfig, teach: Teach | None = None) -> None:
        super().__init__(workers=1, max_queue_size=16)
        self._split = split
        self.config = config
        self._augmentation = find_augmentation(config.augmentation)
        self._batch_size = min(config.batch_size, len(split))
        self._targets = {"emotion": one_hot(split.labels)}
        if (votes := split.emotion_votes()) is not None:
            self._targets["votes"] = votes
        self._counted = None if votes is None else (votes.sum(axis=1) > 0).astype(np.float32)
        self._teach = teach if config.teacher_view == "augmented" else None
        if teach is not None and self._teach is None:
            self._targets = self._taught(self._targets, teach(split.images))
        self._weights = class_weights(split, config.class_weighting)[split.labels]
        self.begin_epoch(0)

    def __len__(self) -> int:
        return len(self._split) // self._batch_size

    def __getitem__(self, index: int) -> Batch:
        rows = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        rng = np.random.default_rng((self.config.seed, self._epoch, index))
        faces = augment(self._split.images[rows], self._augmentation, rng)
        targets = {name: values[rows] for name, values in self._targets.items()}
        if self._teach is not None:
            targets = self._taught(targets, self._teach(faces))
        if self._epoch < self.config.small * self.config.epochs:
            faces = shrink(faces, SMALL_SIDE)
        images = faces.astype(np.float32)
        weights = {"emotion": self._weights[rows]}
        if self._counted is not None:
            weights["votes"] = self._counted[rows]
        if self.config.mixup:
            return _mixed((images, targets, weights), np.float32(rng.beta(self.config.mixup, self.config.mixup)))
        return images, targets, weights

    def _taught(self, targets: dict[str, Floats], answers: SoftTargets) -> dict[str, Floats]:
        """Return targets moved towards the teachers' answers for the same faces, by the teachers' weight."""
        share = np.float32(self.config.teacher_weight)
        heads = {"emotion": answers.get(Reading.LABELS), "votes": answers.get(Reading.VOTES)}
        return {
            name: values if (answer := heads[name]) is None else values + share * (answer - values)
            for name, values in targets.items()
        }

    def begin_epoch(self, epoch: int) -> None:
        """Shuffle for an epoch counted from 0.

        Not by Keras' own hooks: it calls `on_epoch_end` once before the first epoch, too.
        """
        self._epoch = epoch
        self._order = np.random.default_rng((self.config.seed, self._epoch)).permutation(len(self._split))


def shrink(images: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    """Return faces, uint8 (N, 48, 48, 1), as (N, side, side, 1)."""
    small = [cv2.resize(face[..., 0], (side, side), interpolation=cv2.INTER_AREA) for face in images]
    return np.stack(small)[..., np.newaxis].astype(np.uint8)


def one_hot(labels: npt.NDArray[np.int64]) -> Floats:
    """Return float32 (N, 7) from integer labels (N,)."""
    return np.eye(len(EMOTIONS), dtype=np.float32)[labels]


def class_weights(split: Split, power: float) -> Floats:
    """Return float32 (7,): each class's weight, so that the rows' weights are 1 on average; see `Recipe`."""
    counts = np.maximum(split.class_counts(), 1)
    weights = (len(split) / counts) ** power
    return np.asarray(weights / weights[split.labels].mean(), np.float32)


def _mixed(batch: Batch, share: np.float32) -> Batch:
    """Mix each row with the one at its place from the end; the shuffle has made that any other."""

    def mix(values: Floats) -> Floats:
        return values * share + values[::-1] * (1 - share)

    images, targets, weights = batch
    mixed_targets = {name: mix(values) for name, values in targets.items()}
    return mix(images), mixed_targets, {name: mix(values) for name, values in weights.items()}
