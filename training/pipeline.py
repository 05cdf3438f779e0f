"""What training does: a version from a data set, and what a version is worth on another.

TensorFlow is imported inside: importing this module costs a web process nothing.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from analysis.recognition import bundle as bundles
from analysis.versions.services import find_bundle
from training.learning.data.duplicates import without_duplicates
from training.learning.data.read import TRAINING, VALIDATION, read_faces
from training.learning.errors import LearningError
from training.learning.evaluation.metrics import evaluate, find_engine
from training.learning.evaluation.stress import stress
from training.learning.recipes import TrainingConfig
from training.parent_versions import find_lineage

if TYPE_CHECKING:
    import keras

    from training.learning.data.read import FaceData, Split
    from training.learning.evaluation.metrics import Evaluation
    from training.learning.evaluation.stress import Stressed
    from training.learning.recipes import TrainingConfig

ALL_SPLITS = "all"


class Stage(StrEnum):
    """Where a training is; a run's states by the same names."""

    PREPARING = "preparing"
    TRAINING = "training"
    EVALUATING = "evaluating"


Corrections = Callable[[], "Split"]
Report = Callable[[Stage, str], None]
"""Told each stage as it begins, and in a few words what it does."""


@dataclass(frozen=True)
class TrainingRequest:
    """What somebody asks to be trained. None stands for the architecture's own recipe, or for nothing of it.

    `limit` takes the first rows of each split only, for a quick try; `mirrored` has the version answer by the mean
    over a face and its mirror image; `start_from` and `teachers` name versions (see `TrainingConfig`); `recipe` are
    other values of the recipe.
    """

    version: str
    architecture: str
    data: Path
    votes: Path | None = None
    limit: int | None = None
    seed: int = 0
    epochs: int | None = None
    precision: str | None = None
    learning_rate: float | None = None
    batch_size: int | None = None
    augmentation: str | None = None
    mirrored: bool = False
    start_from: str | None = None
    teachers: str | None = None
    recipe: dict[str, Any] | None = None

    def configuration(self) -> TrainingConfig:
        """Return the whole configuration; raises `LearningError` for a value that does not fit."""
        names = ("seed", "epochs", "precision", "learning_rate", "batch_size", "augmentation", "start_from", "teachers")
        asked = {name: value for name in names if (value := getattr(self, name)) is not None}
        return TrainingConfig.for_architecture(self.architecture, **{**(self.recipe or {}), **asked})


def train_version(
    *,
    request: TrainingRequest,
    resume: bool = False,
    ship: bool = False,
    run: str | None = None,
    beside: Sequence[bundles.Bundle] = (),
    corrections: Corrections | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    report: Report = lambda stage, words: None,
) -> bundles.Bundle:
    """Train, export and write a new version; `ship` pins it as the one that comes with the program.

    Checkpoints stay in `var/training/<version>`, from which `resume` goes on. The card names the `run`, if any;
    `beside` are verified versions to evaluate on the same PublicTest rows, for comparisons; `corrections` returns
    rows to train on besides the data's own. Raises `LearningError` or `RecognitionError`.
    """
    refuse_existing_version(request.version)
    config = request.configuration()
    report(Stage.PREPARING, f"Reading {request.data}")
    from training.learning.fit import fit

    lineage = find_lineage(config)
    data = read_faces(request.data, votes=request.votes).head(request.limit)
    extra = corrections() if corrections is not None else None
    report(Stage.TRAINING, f"Training {request.architecture} for {config.epochs} epochs")
    folder = checkpoint_folder(request.version)
    fitted = fit(
        config,
        data,
        folder,
        resume=resume,
        extra=extra,
        start=lineage.network(),
        teach=lineage.teach(),
        callbacks=callbacks,
        verbose=0,
    )
    report(Stage.EVALUATING, "Exporting and evaluating")
    from training.learning.evaluation.card import Origin

    origin = Origin(data, config, fitted, request.limit, request.mirrored)
    facts = {"run": run, "corrections": 0 if extra is None else len(extra), "lineage": lineage.as_json()}
    bundle = _export_version(request.version, origin, beside, facts)
    if ship:
        bundles.pin_shipped(settings.MODELS_STORE, request.version, default=True)
    return bundle


def adopt_version(*, version: str, run: str) -> bundles.Bundle | None:
    """Return the version that this very run wrote before it was killed, verified; None where it wrote none.

    Half-written folders of that name are removed.
    """
    store = settings.MODELS_STORE
    for unfinished in store.glob(f".{bundles.check_name(version)}.????????"):
        shutil.rmtree(unfinished, ignore_errors=True)
    if not (store / version).exists():
        return None
    bundle = bundles.local_bundle(store, version)
    return bundle if bundle.card.get("run") == run else None


def refuse_existing_version(version: str) -> None:
    """Raise before hours of work whose result could not be written."""
    folder = settings.MODELS_STORE / bundles.check_name(version)
    if folder.exists():
        raise LearningError(f"{folder}: this version exists already; choose another name, or remove that folder")


def checkpoint_folder(version: str) -> Path:
    """Return where a training of `version` keeps its checkpoints."""
    return Path(settings.VAR_DIR) / "training" / bundles.check_name(version)


def _export_version(
    version: str, origin: Any, beside: Sequence[bundles.Bundle], facts: dict[str, Any]
) -> bundles.Bundle:
    from training.learning.evaluation.card import write_card
    from training.learning.network.export import choose_calibration, export_network

    calibration = choose_calibration(origin.data.split(TRAINING), origin.config.seed)
    checkpoints = checkpoint_folder(version)
    checkpoints.mkdir(parents=True, exist_ok=True)
    # Beside the checkpoints, so that what a kill leaves goes with them.
    with tempfile.TemporaryDirectory(dir=checkpoints) as folder:
        exported = export_network(
            origin.fitted.network,
            origin.config.architecture,
            calibration=calibration,
            compared_on=origin.data.split(VALIDATION),
            folder=Path(folder),
        )
        card = {**write_card(version, origin, exported, beside), **facts}
        return bundles.write_bundle(settings.MODELS_STORE, version, exported.files(), card)


@dataclass(frozen=True)
class Evaluated:
    """A version's figures on one split; `stressed` is empty unless asked for, `left_out` counts the twins."""

    version: str
    evaluation: Evaluation
    stressed: tuple[Stressed, ...] = ()
    left_out: int = 0


def evaluate_version(
    *,
    data: Path,
    version: str | None,
    split: str,
    engine: str,
    stressed: bool = False,
    without_duplicates: bool = False,
) -> Evaluated:
    """Evaluate a version on a split of `data`, or on "all"; None is the shipped default.

    `stressed` adds its accuracy on worse pictures; `without_duplicates` leaves out faces whose twin is in the training
    split. Raises `LearningError` or `RecognitionError`.
    """
    bundle = bundles.shipped_default(settings.MODELS_STORE) if version is None else find_bundle(name=version)
    probabilities = partial(find_engine(engine), bundle)
    data_read = read_faces(data)
    rows = data_read.joined() if split == ALL_SPLITS else data_read.split(split)
    kept = _without_duplicates(data_read, split) if without_duplicates else rows
    return Evaluated(
        bundle.name,
        evaluate(probabilities(kept.images), kept.labels, kept.images),
        stress(probabilities, kept.images, kept.labels) if stressed else (),
        left_out=len(rows) - len(kept),
    )


def _without_duplicates(data: FaceData, split: str) -> Split:
    if split in (ALL_SPLITS, TRAINING):
        raise LearningError(
            f"--without-duplicates: expected a split to test on, PublicTest or PrivateTest; got {split}"
        )
    return without_duplicates(data.split(split), data.split(TRAINING))
