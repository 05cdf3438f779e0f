"""Train a version on a data set, and evaluate a version on another.

TensorFlow is imported inside functions, so that web processes can import this module.
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

from django.conf import settings as site

from analysis.recognition import bundle as bundles
from analysis.versions.services import find_bundle
from training.learning.data.duplicates import without_duplicates
from training.learning.data.read import TRAINING, VALIDATION, read_faces
from training.learning.errors import LearningError
from training.learning.evaluation.metrics import evaluate, find_engine
from training.learning.evaluation.stress import stress
from training.parent_versions import find_lineage
from training.run_settings import RunSettings

if TYPE_CHECKING:
    import keras

    from training.learning.data.read import FaceData, Split
    from training.learning.evaluation.metrics import Evaluation
    from training.learning.evaluation.stress import Stressed

ALL_SPLITS = "all"


class Stage(StrEnum):
    """Stage of a training; a run's states have the same names."""

    PREPARING = "preparing"
    TRAINING = "training"
    EVALUATING = "evaluating"


Corrections = Callable[[], "Split"]
Report = Callable[[Stage, str], None]
"""Called with each stage as it begins, and a message for the user."""


def train_version(
    *,
    version: str,
    settings: RunSettings,
    resume: bool = False,
    ship: bool = False,
    run: str | None = None,
    beside: Sequence[bundles.Bundle] = (),
    corrections: Corrections | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    report: Report = lambda stage, message: None,
) -> bundles.Bundle:
    """Train, export and write a new version; `ship` pins it as the one that comes with the program.

    Checkpoints stay in `var/training/<version>`, from which `resume` continues. The card names the `run`, if any;
    `beside` are verified versions to evaluate on the same PublicTest rows, for comparisons; `corrections` returns
    rows to train on besides the data's own. Raises `LearningError` or `RecognitionError`.
    """
    refuse_existing_version(version)
    config = settings.configuration()
    report(Stage.PREPARING, f"Reading {settings.data_path}")
    from training.learning.fit import fit

    lineage = find_lineage(config)
    data = read_faces(settings.data_path, votes=settings.votes_path).head(settings.limit)
    extra = corrections() if corrections is not None else None
    report(Stage.TRAINING, f"Training {config.architecture} for {config.epochs} epochs")
    fitted = fit(
        config,
        data,
        checkpoint_folder(version),
        resume=resume,
        extra=extra,
        start=lineage.network(),
        teach=lineage.teach(),
        callbacks=callbacks,
        verbose=0,
    )
    report(Stage.EVALUATING, "Exporting and evaluating")
    from training.learning.evaluation.card import Origin

    origin = Origin(data, config, fitted, settings.limit, settings.mirrored)
    facts = {"run": run, "corrections": 0 if extra is None else len(extra), "lineage": lineage.as_json()}
    bundle = _export_version(version, origin, beside, facts)
    if ship:
        bundles.pin_shipped(site.MODELS_STORE, version, default=True)
    return bundle


def adopt_version(*, version: str, run: str) -> bundles.Bundle | None:
    """Return the version that this run wrote before it was killed, verified, or None.

    Half-written folders of that name are removed.
    """
    store = site.MODELS_STORE
    for unfinished in store.glob(f".{bundles.check_name(version)}.????????"):
        shutil.rmtree(unfinished, ignore_errors=True)
    if not (store / version).exists():
        return None
    bundle = bundles.local_bundle(store, version)
    return bundle if bundle.card.get("run") == run else None


def refuse_existing_version(version: str) -> None:
    """Raise `LearningError` where the version exists already."""
    folder = site.MODELS_STORE / bundles.check_name(version)
    if folder.exists():
        raise LearningError(f"{folder}: this version exists already; choose another name, or remove that folder")


def checkpoint_folder(version: str) -> Path:
    """Return the folder of the checkpoints of a training of `version`."""
    return Path(site.VAR_DIR) / "training" / bundles.check_name(version)


def _export_version(
    version: str, origin: Any, beside: Sequence[bundles.Bundle], facts: dict[str, Any]
) -> bundles.Bundle:
    from training.learning.evaluation.card import write_card
    from training.learning.network.export import choose_calibration, export_network

    calibration = choose_calibration(origin.data.split(TRAINING), origin.config.seed)
    checkpoints = checkpoint_folder(version)
    checkpoints.mkdir(parents=True, exist_ok=True)
    # Inside the checkpoints' folder, so that what a kill leaves is deleted with it.
    with tempfile.TemporaryDirectory(dir=checkpoints) as folder:
        exported = export_network(
            origin.fitted.network,
            origin.config.architecture,
            calibration=calibration,
            compared_on=origin.data.split(VALIDATION),
            folder=Path(folder),
        )
        card = {**write_card(version, origin, exported, beside), **facts}
        return bundles.write_bundle(site.MODELS_STORE, version, exported.files(), card)


@dataclass(frozen=True)
class Evaluated:
    """A version's evaluation on one split; `stressed` is empty unless requested, `left_out` counts the duplicates."""

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
    bundle = bundles.shipped_default(site.MODELS_STORE) if version is None else find_bundle(name=version)
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
