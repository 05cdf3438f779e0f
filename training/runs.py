"""Runs: asked for, queued, claimed by one process at a time, watched, cancelled, resumed, put back when lost.

The row is the truth; a broker only hurries it along. Whoever works on a run holds a claim, whose token every
write of its names: a process that was taken for dead finds its token gone, and stops.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.models import TrainingRun

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class RunSettings:
    """What an administrator asks for; None stands for the architecture's own (see `default_settings`)."""

    architecture: str
    epochs: int | None = None
    learning_rate: float | None = None
    batch_size: int | None = None
    augmentation: str | None = None
    seed: int = 0
    limit: int | None = None
    """Only the first rows of each split, for a trial."""
    precision: str | None = None
    votes: bool = False
    """FER+ votes as a second target."""
    include_corrections: bool = False
    data: str = ""
    """Path; "" is the installation's own, FER2013_PATH."""


def default_settings(architecture: str) -> RunSettings:
    """Return the architecture's own recipe; costs a few seconds at first, for nothing heavy is imported here."""
    raise NotImplementedError


def check_data(*, votes: bool = False) -> None:
    """Raise `RunError` with exact instructions where the data is not where it should be."""
    raise NotImplementedError


def propose_name(architecture: str) -> str:
    """Return a free name for the next version, such as "cnn-3"."""
    raise NotImplementedError


def start_run(*, name: str, settings: RunSettings, by: User | None) -> TrainingRun:
    """Check everything that can be checked now, and queue a run; raise `RunError`."""
    raise NotImplementedError


def copy_settings(*, run: TrainingRun, by: User | None) -> TrainingRun:
    """Start another run with the same settings, under a free name."""
    raise NotImplementedError


def cancel_run(*, run: TrainingRun) -> None:
    """Stop it: at once where it waits, within 10 s where it is live; what was learnt is kept."""
    raise NotImplementedError


def resume_run(*, run: TrainingRun) -> None:
    """Queue it again, to go on from its last checkpoint."""
    raise NotImplementedError


def delete_run(*, run: TrainingRun) -> None:
    """Remove the row and its checkpoints; a version that it made stays."""
    raise NotImplementedError


def waiting_reason(*, run: TrainingRun) -> str:
    """Say why a waiting run waits: another one trains, no worker is there, the broker is away; "" when it does not."""
    raise NotImplementedError


def claim_run(*, run_id: uuid.UUID) -> uuid.UUID | None:
    """Return the claim's token, or None where another was quicker or another run is live."""
    raise NotImplementedError


def beat(*, token: uuid.UUID, **progress: Any) -> bool:
    """Tell that the claim's process is alive and how far it is; False when the claim is no more."""
    raise NotImplementedError


def record_epoch(*, token: uuid.UUID, number: int, metrics: dict[str, float], seconds: float) -> bool:
    """Keep a finished epoch's figures; False when the claim is no more."""
    raise NotImplementedError


def sweep_runs() -> None:
    """Take runs without a heartbeat for lost, and send what waits to the broker (again)."""
    raise NotImplementedError


def checkpoint_path(run: TrainingRun) -> Path:
    """Return the folder of its checkpoints."""
    raise NotImplementedError
