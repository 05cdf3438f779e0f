"""What training does: a version from a data set, and what a version is worth on another.

TensorFlow is imported inside: importing this module costs a web process nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from analysis.recognition import bundle as bundles
from training.learning.errors import LearningError

if TYPE_CHECKING:
    import keras

    from training.learning.evaluation import Evaluation
    from training.learning.recipes import TrainingConfig

ALL_SPLITS = "all"


@dataclass(frozen=True)
class TrainingRequest:
    """What somebody asks to be trained. None stands for the architecture's own recipe, or for nothing of it.

    `limit` takes the first rows of each split only, for a quick try.
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

    def configuration(self) -> TrainingConfig:
        """Return the whole configuration; raises `LearningError` for a value that does not fit."""
        from training.learning.recipes import TrainingConfig

        names = ("seed", "epochs", "precision", "learning_rate", "batch_size", "augmentation")
        return TrainingConfig.for_architecture(self.architecture, **{name: getattr(self, name) for name in names})


def train_version(
    *,
    request: TrainingRequest,
    resume: bool = False,
    ship: bool = False,
    beside: Sequence[bundles.Bundle] = (),
    callbacks: Sequence[keras.callbacks.Callback] = (),
    report: Callable[[str], None] = lambda stage: None,
) -> bundles.Bundle:
    """Train, export and write a new version; `ship` pins it as the one that comes with the program.

    `beside` are verified versions to evaluate on the same PublicTest rows, for comparisons.
    `report` is told each stage as it begins. Checkpoints stay in `var/training/<version>`, from which `resume`
    goes on. Raises `LearningError` or `RecognitionError`.
    """
    refuse_existing_version(request.version)
    config = request.configuration()
    report(f"Reading {request.data}")
    from training.learning.data import read_faces
    from training.learning.fit import fit

    data = read_faces(request.data, votes=request.votes).head(request.limit)
    report(f"Training {request.architecture} for {config.epochs} epochs")
    fitted = fit(config, data, checkpoint_folder(request.version), resume=resume, callbacks=callbacks, verbose=0)
    report("Exporting and evaluating")
    from training.learning.card import Origin

    bundle = _export_version(request.version, Origin(data, config, fitted, request.limit), beside)
    if ship:
        bundles.pin_shipped(settings.MODELS_STORE, request.version, default=True)
    return bundle


def refuse_existing_version(version: str) -> None:
    """Raise before hours of work whose result could not be written."""
    folder = settings.MODELS_STORE / bundles.check_name(version)
    if folder.exists():
        raise LearningError(f"{folder}: this version exists already; choose another name, or remove that folder")


def checkpoint_folder(version: str) -> Path:
    """Return where a training of `version` keeps its checkpoints."""
    return Path(settings.VAR_DIR) / "training" / bundles.check_name(version)


def _export_version(version: str, origin: Any, beside: Sequence[bundles.Bundle]) -> bundles.Bundle:
    from training.learning.card import write_card
    from training.learning.data import TRAINING, VALIDATION
    from training.learning.export import choose_calibration, export_network

    calibration = choose_calibration(origin.data.split(TRAINING), origin.config.seed)
    with tempfile.TemporaryDirectory() as folder:
        exported = export_network(
            origin.fitted.network,
            origin.config.architecture,
            calibration=calibration,
            compared_on=origin.data.split(VALIDATION),
            folder=Path(folder),
        )
        card = write_card(version, origin, exported, beside)
        return bundles.write_bundle(settings.MODELS_STORE, version, exported.files(), card)


def evaluate_version(*, data: Path, version: str | None, split: str, engine: str) -> tuple[str, Evaluation]:
    """Return the version's name and its figures on a split of `data`, or on "all"; None is the shipped default."""
    from training.learning.data import read_faces
    from training.learning.evaluation import evaluate, find_engine

    probabilities = find_engine(engine)
    store = settings.MODELS_STORE
    bundle = bundles.shipped_default(store) if version is None else bundles.local_bundle(store, version)
    faces = read_faces(data)
    rows = faces.joined() if split == ALL_SPLITS else faces.split(split)
    return bundle.name, evaluate(probabilities(bundle, rows.images), rows.labels)
