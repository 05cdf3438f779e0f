"""What a data set is once read: splits of grey faces with FER-2013's labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.errors import gettext_noop
from training.learning.errors import AT_LEAST, LearningError

SIDE = 48
"""Pixels along each side of a FER-2013 face."""

TRAINING, VALIDATION, TEST = "Training", "PublicTest", "PrivateTest"
SPLITS = (TRAINING, VALIDATION, TEST)
"""FER-2013's own names, in the published order."""

VOTE_CLASSES = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)
"""FER+'s columns, in their own order; NF means "not a face"."""


EMOTION_COLUMNS = tuple(
    VOTE_CLASSES.index(name) for name in ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
)
"""Which of `VOTE_CLASSES` each of `EMOTIONS` is, in the order of `EMOTIONS`."""
MIN_VOTE_SHARE = 0.3
"""Three of ten votes: a face with fewer for the seven emotions tells nothing of them."""


@dataclass(frozen=True)
class Split:
    """Rows of one split: `images` uint8 (N, 48, 48, 1), `labels` int64 (N,) 0 to 6.

    `votes`, where known, is float32 (N, 10): shares in the order of `VOTE_CLASSES`, summing to one. `files`, where the
    faces were read from a folder tree, are N paths from that folder on.
    """

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    votes: npt.NDArray[np.float32] | None = None
    files: npt.NDArray[np.str_] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def head(self, rows: int | None) -> Split:
        """Return the first `rows` rows, or all of them when `rows` is None."""
        return self.take(slice(rows))

    def take(self, rows: npt.NDArray[np.int64] | slice) -> Split:
        """Return these rows, int64 (M,) or a slice."""
        votes = None if self.votes is None else self.votes[rows]
        files = None if self.files is None else self.files[rows]
        return Split(self.images[rows], self.labels[rows], votes, files)

    def plus(self, images: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64]) -> Split:
        """Return these rows and then those, uint8 (N, 48, 48, 1) and int64 (N,), for which nobody voted."""
        votes = self.votes
        if votes is not None:
            votes = np.concatenate([votes, np.zeros((len(labels), votes.shape[1]), np.float32)])
        return Split(np.concatenate([self.images, images]), np.concatenate([self.labels, labels]), votes)

    def emotion_votes(self) -> npt.NDArray[np.float32] | None:
        """Return the votes for the seven emotions, float32 (N, 7) in the order of `EMOTIONS`, each row summing to one.

        Contempt, "unknown" and "not a face" are left out. A row is zero where fewer than `MIN_VOTE_SHARE` of its
        votes are for one of the seven. None without votes.
        """
        if self.votes is None:
            return None
        seven = self.votes[:, EMOTION_COLUMNS]
        sums = seven.sum(axis=1, keepdims=True)
        return np.where(sums > MIN_VOTE_SHARE - 1e-6, seven / np.maximum(sums, 1e-6), 0).astype(np.float32)

    def class_counts(self) -> npt.NDArray[np.int64]:
        """Return int64 (7,): rows per class in the order of `EMOTIONS`."""
        return np.bincount(self.labels, minlength=len(EMOTIONS)).astype(np.int64)


def join_splits(parts: Sequence[Split]) -> Split:
    """Return the rows of one or more splits as one, with votes and files where all of them have them."""

    def joined(values: list[npt.NDArray[Any] | None]) -> npt.NDArray[Any] | None:
        known = [value for value in values if value is not None]
        return np.concatenate(known) if len(known) == len(values) else None

    return Split(
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.labels for part in parts]),
        joined([part.votes for part in parts]),
        joined([part.files for part in parts]),
    )


@dataclass(frozen=True)
class FaceData:
    """A data set read from `path`: its splits by FER-2013's names, and the SHA-256 of what was read.

    `votes_path` and `votes_sha256` tell of FER+ votes, where they were joined. `notes` are sentences about what was
    not taken as it is, for the user.
    """

    path: Path
    splits: dict[str, Split]
    sha256: str
    votes_path: Path | None = None
    votes_sha256: str | None = None
    notes: tuple[str, ...] = ()

    def split(self, name: str) -> Split:
        """Return a split; raise `LearningError` naming those that hold rows."""
        if name not in self.splits:
            text = gettext_noop("%(path)s has no rows of the split %(split)s. It has %(found)s.")
            raise LearningError(text, path=str(self.path), split=name, found=", ".join(self.splits) or "–")
        return self.splits[name]

    def joined(self) -> Split:
        """Return all splits' rows as one, with votes and files where all splits have them."""
        return join_splits(list(self.splits.values()))

    def with_training_rows(self, images: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64]) -> FaceData:
        """Return this data with more rows to learn from, uint8 (N, 48, 48, 1) and int64 (N,); it is measured as before.

        `sha256` stays that of what was read, for it tells which validation and test rows these are.
        """
        training = self.split(TRAINING).plus(images, labels)
        return replace(self, splits={**self.splits, TRAINING: training})

    def head(self, rows: int | None) -> FaceData:
        """Return the first `rows` rows of each split, or all of them when `rows` is None."""
        if rows is not None and rows < 1:
            raise LearningError(AT_LEAST, name="limit", value=rows, least=1)
        return replace(self, splits={name: split.head(rows) for name, split in self.splits.items()})
