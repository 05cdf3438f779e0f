"""The versions that a training begins with and learns from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from analysis.recognition.bundle import MODEL, Bundle
from analysis.recognition.errors import RecognitionError, gettext_noop
from analysis.versions.models import ModelVersion
from analysis.versions.services import find_bundle
from ferproject.errors import translated_message
from training.errors import RunError
from training.learning.distillation import Teach, Teachers
from training.learning.errors import LearningError
from training.learning.evaluation.metrics import load_network
from training.learning.network.joined import join_networks
from training.learning.network.weights import mean_network
from training.learning.recipes import TrainingConfig

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Lineage:
    """`start` gives its weights, `teachers` their mean answer, `averaged` the mean of their weights, `joined` all.

    One named twice counts twice.
    """

    start: Bundle | None = None
    teachers: tuple[Bundle, ...] = ()
    averaged: tuple[Bundle, ...] = ()
    joined: tuple[Bundle, ...] = ()

    def network(self) -> keras.Model | None:
        """Return the network of `start`, that of the mean of weights, or the joined one, if any."""
        if self.joined:
            return join_networks([load_network(version.folder) for version in self.joined])
        if self.averaged:
            return mean_network([load_network(version.folder) for version in self.averaged])
        return load_network(self.start.folder) if self.start else None

    def teach(self) -> Teach | None:
        """Return a function that returns the teachers' mean answer for faces; None without teachers."""
        return Teachers(self.teachers).answer if self.teachers else None

    def as_json(self) -> dict[str, str]:
        """Return the SHA-256 of each version's network by name: on another site the name may be another version's."""
        starts = (self.start,) if self.start else ()
        versions = (*starts, *self.averaged, *self.joined, *self.teachers)
        return {version.name: version.card["files"][MODEL]["sha256"] for version in versions}


def find_lineage(config: TrainingConfig) -> Lineage:
    """Return the versions that `config` names, verified.

    Raises `LearningError` when `start_from` has another architecture, and `RecognitionError` for a version that is
    missing or differs from its checksums.
    """
    starts = [config.start_from] if config.start_from else []
    averaged, joined, teachers = _names(config.mean_of), _names(config.joined), _names(config.teachers)
    found = {name: find_bundle(name=name) for name in dict.fromkeys([*starts, *averaged, *joined, *teachers])}
    for name in (*starts, *averaged):
        if (architecture := found[name].card["architecture"]) != config.architecture:
            text = gettext_noop("This training needs versions of the architecture %(needed)s. %(name)s has %(found)s.")
            raise LearningError(text, needed=config.architecture, name=name, found=architecture)
    start = found[config.start_from] if config.start_from else None
    return Lineage(start, *(tuple(found[name] for name in names) for names in (teachers, averaged, joined)))


def check_lineage(config: TrainingConfig) -> None:
    """Raise `RunError` for a version that the site does not know, that is not pinned, or that does not fit."""
    named = [
        *([config.start_from] if config.start_from else []),
        *_names(config.mean_of),
        *_names(config.joined),
        *_names(config.teachers),
    ]
    known = set(ModelVersion.objects.filter(name__in=named).values_list("name", flat=True))
    if unknown := [name for name in dict.fromkeys(named) if name not in known]:
        message = gettext("This site has no version called %(names)s.")
        raise RunError("version_unknown", message % {"names": ", ".join(unknown)})
    try:
        find_lineage(config)
    except (LearningError, RecognitionError) as error:
        raise RunError("version_unfit", translated_message(error)) from error


def _names(versions: str) -> list[str]:
    return versions.split(",") if versions else []
