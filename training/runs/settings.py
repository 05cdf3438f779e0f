"""Settings of a training run, as its row stores them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from django.conf import settings as site

from training.models import TrainingRun
from training.pipeline import TrainingRequest

_SHARED = (
    "architecture",
    "epochs",
    "learning_rate",
    "batch_size",
    "augmentation",
    "seed",
    "limit",
    "precision",
    "mirrored",
    "start_from",
    "teachers",
    "recipe",
)


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
    mirrored: bool = False
    """Answer by the mean over a face and its mirror image."""
    start_from: str | None = None
    """Version whose weights to begin with."""
    teachers: str | None = None
    """Versions to learn from, separated by commas."""
    recipe: dict[str, Any] | None = None
    """Other values of the recipe, by name."""
    votes: bool = False
    """FER+ votes as a second target."""
    include_corrections: bool = False
    data: str = ""
    """Path; "" is the installation's own, FER2013_PATH."""
    votes_data: str = ""
    """Path; "" is the installation's own, FER2013_VOTES_PATH."""

    @classmethod
    def of(cls, run: TrainingRun) -> RunSettings:
        """Return what a run was asked for."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in run.configuration.items() if name in known})

    @classmethod
    def of_request(cls, request: TrainingRequest) -> RunSettings:
        """Return the settings of what a shell asked for."""
        asked = {name: getattr(request, name) for name in _SHARED}
        votes = str(Path(request.votes).resolve()) if request.votes else ""
        return cls(**asked, data=str(Path(request.data).resolve()), votes=bool(votes), votes_data=votes)

    def request(self, version: str) -> TrainingRequest:
        """Return the same for the service that trains."""
        asked = {name: getattr(self, name) for name in _SHARED}
        data = Path(self.data) if self.data else site.FER2013_PATH
        votes = (Path(self.votes_data) if self.votes_data else site.FER2013_VOTES_PATH) if self.votes else None
        return TrainingRequest(**asked, version=version, data=data, votes=votes)
