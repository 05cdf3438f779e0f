"""Train a version on a data set.

TensorFlow is imported inside functions, so that web processes can import this module.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings as site

from analysis.recognition import bundle as bundles
from analysis.recognition.errors import gettext_noop
from analysis.versions.store import trained_store
from training.checkpoints import checkpoint_folder
from training.learning.data.read import TRAINING, VALIDATION, Split, read_faces
from training.learning.errors import LearningError
from training.parent_versions import find_lineage
from training.run_settings import RunSettings

if TYPE_CHECKING:
    import keras

    from training.learning.recipes import TrainingConfig


class Stage(StrEnum):
    """Stage of a training; a run's states have the same names."""

    PREPARING = "preparing"
    TRAINING = "training"
    EVALUATING = "evaluating"


Corrections = Callable[[], Split]
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
    data = read_faces(settings.data_path, votes=settings.votes_path, classes=settings.classes).head(settings.limit)
    for note in data.notes:
        report(Stage.PREPARING, note)
    extra = corrections() if corrections is not None else None
    report(Stage.TRAINING, _what_is_trained(config))
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
    bundle = export_version(site.MODELS_STORE if ship else trained_store(), version, origin, beside, facts)
    if ship:
        bundles.pin_shipped(site.MODELS_STORE, version, default=True)
    return bundle


def _what_is_trained(config: TrainingConfig) -> str:
    if config.joined:
        return f"Joining {config.joined}"
    if config.votes_head_only:
        return f"Training {config.architecture}, votes head only"
    return f"Training {config.architecture} for {config.epochs} {'epoch' if config.epochs == 1 else 'epochs'}"


def adopt_version(*, version: str, run: str) -> bundles.Bundle | None:
    """Return the version that this run wrote before it was killed, verified, or None.

    Half-written folders of that name are removed.
    """
    store = trained_store()
    for unfinished in store.glob(f".{bundles.check_name(version)}.????????"):
        shutil.rmtree(unfinished, ignore_errors=True)
    if not (store / version).exists():
        return None
    bundle = bundles.local_bundle(store, version)
    return bundle if bundle.card.get("run") == run else None


def refuse_existing_version(version: str) -> None:
    """Raise `LearningError` where the version exists already."""
    folders = (store / bundles.check_name(version) for store in (site.MODELS_STORE, trained_store()))
    if folder := next((folder for folder in folders if folder.exists()), None):
        text = gettext_noop("This version already exists in %(folder)s.")
        hint = gettext_noop("Choose another name for the version, or remove that folder.")
        raise LearningError(text, folder=str(folder), hint=hint)


def export_version(
    store: Path, version: str, origin: Any, beside: Sequence[bundles.Bundle], facts: dict[str, Any]
) -> bundles.Bundle:
    """Convert and measure the trained network of `origin`, and write it into `store` with `facts` on its card."""
    from training.learning.evaluation.card import write_card
    from training.learning.network.export import export_network

    checkpoints = checkpoint_folder(version)
    checkpoints.mkdir(parents=True, exist_ok=True)
    # Inside the checkpoints' folder, so that what a kill leaves is deleted with it.
    with tempfile.TemporaryDirectory(dir=checkpoints) as folder:
        exported = export_network(
            origin.fitted.network,
            training=origin.data.split(TRAINING),
            seed=origin.config.seed,
            compared_on=origin.data.split(VALIDATION),
            folder=Path(folder),
            mirrored=origin.mirrored,
        )
        card = {**write_card(version, origin, exported, beside), **facts}
        return bundles.write_bundle(store, version, exported.files(), card)
