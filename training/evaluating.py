"""What a version is worth on a data set: its readings against labels and votes, with and without twins, by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from django.conf import settings

from analysis.recognition import bundle as bundles
from analysis.recognition.bundle import Bundle
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.readings import Reading
from analysis.versions.services import find_bundle
from training.learning.data.duplicates import rows_without_duplicates
from training.learning.data.read import TRAINING, FaceData, Split, read_faces
from training.learning.errors import LearningError
from training.learning.evaluation.groups import GroupFigures, evaluate_groups, group_rows, read_groups
from training.learning.evaluation.metrics import Engine, Evaluation, Images, Probabilities, evaluate, find_engine
from training.learning.evaluation.stress import Stressed, stress
from training.learning.evaluation.votes import VotesEvaluation, evaluate_votes, mixed_targets

ALL_SPLITS = "all"


@dataclass(frozen=True)
class Figures:
    """One reading of a version on some rows: against the labels and, where votes were given, their majority."""

    labels: Evaluation
    votes: VotesEvaluation | None = None


@dataclass(frozen=True)
class Evaluated:
    """A version's figures on one split.

    `without_twins` is None where the data have no training split, or the split is or contains it; `twins` counts the
    faces left out there. `stressed` and `groups` are empty unless asked for.
    """

    version: str
    reading: Reading
    figures: Figures
    without_twins: Figures | None = None
    twins: int = 0
    stressed: tuple[Stressed, ...] = ()
    groups: tuple[GroupFigures, ...] = ()
    notes: tuple[str, ...] = ()


def evaluate_version(
    *,
    data: Path,
    version: str | None,
    split: str,
    engine: str,
    reading: Reading = Reading.SERVED,
    classes: str | None = None,
    votes: Path | None = None,
    groups: Path | None = None,
    stressed: bool = False,
    without_duplicates: bool = False,
) -> Evaluated:
    """Evaluate a version on a split of `data`, or on "all"; None is the shipped default.

    Several versions, separated by commas, are evaluated by their mean answer; one named twice counts twice.
    `votes` are FER+'s, by whose majority the same answers are scored too; `groups` a CSV of file and group, by which
    faces are found and named; `stressed` adds the accuracy on worse pictures. Faces whose twin is in the training
    split are left out of a second set of figures, and with `without_duplicates` of all. Raises `LearningError` or
    `RecognitionError`, before any face is classified where options do not fit the version or the data.
    """
    versions = _versions(version)
    for bundle in versions:
        bundle.check_reading(reading)
    probabilities = partial(_mean_answer, versions, find_engine(engine), reading)
    named = read_groups(groups) if groups is not None else {}
    data_read = read_faces(data, votes=votes, classes=classes)
    rows = data_read.joined() if split == ALL_SPLITS else data_read.split(split)
    if named:
        group_rows(rows, named)
    kept = _rows_without_twins(data_read, split, required=without_duplicates)
    twins = len(rows) - len(kept) if kept is not None else 0
    if without_duplicates and kept is not None:
        rows, kept = rows.take(kept), None
    answers = probabilities(rows.images)
    blended = reading == Reading.SERVED and all(Reading.VOTES in each.readings for each in versions)
    return Evaluated(
        ",".join(each.name for each in versions),
        reading,
        _figures(blended, answers, rows),
        _figures(blended, answers[kept], rows.take(kept)) if kept is not None and len(kept) else None,
        twins=twins,
        stressed=stress(probabilities, rows.images, rows.labels) if stressed else (),
        groups=tuple(evaluate_groups(rows, named, data, create_detector(settings.FACE_DETECTOR), probabilities))
        if named
        else (),
        notes=data_read.notes,
    )


def _versions(names: str | None) -> list[Bundle]:
    if names is None:
        return [bundles.shipped_default(settings.MODELS_STORE)]
    return [find_bundle(name=name.strip()) for name in names.split(",")]


def _mean_answer(versions: Sequence[Bundle], engine: Engine, reading: Reading, images: Images) -> Probabilities:
    distinct = {bundle.name: bundle for bundle in versions}
    answers = {name: engine(bundle, images, reading) for name, bundle in distinct.items()}
    return np.asarray(np.mean([answers[bundle.name] for bundle in versions], axis=0), np.float32)


def _figures(blended: bool, answers: Probabilities, rows: Split) -> Figures:
    targets = mixed_targets(rows) if blended and rows.votes is not None else None
    by_labels = evaluate(answers, rows.labels, rows.images, targets)
    return Figures(by_labels, evaluate_votes(answers, rows.votes) if rows.votes is not None else None)


def _rows_without_twins(data: FaceData, split: str, *, required: bool) -> npt.NDArray[np.int64] | None:
    if split not in (ALL_SPLITS, TRAINING) and TRAINING in data.splits:
        return rows_without_duplicates(data.split(split), data.split(TRAINING))
    if required:
        raise LearningError(
            "--without-duplicates works with PublicTest or PrivateTest, where the data also have a Training split. "
            f"The split is {split}."
        )
    return None
