"""Settings of a training. The admin's form, the API, `manage.py train` and the run's row derive from `RunSettings`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

from django.conf import settings as site

from training.learning.data.augmentation import AUGMENTATIONS
from training.learning.errors import LearningError
from training.learning.recipes import PRECISIONS, RECIPES, TrainingConfig


@dataclass(frozen=True)
class Option:
    """How a setting is entered and described.

    `kind` is "choice", "integer", "number", "flag", "text", "version" or "versions"; the form has `group` and `label`.
    With `default` None it may be left unset; `unset` names what that stands for where it is not the recipe's value.
    """

    kind: str
    group: str = ""
    label: str | None = None
    help: str = ""
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    choices: Sequence[str] = ()
    unset: str = ""
    on_site: bool = True
    """In the admin's form and the API."""
    in_shell: bool = True

    @property
    def is_required(self) -> bool:
        return self.default is MISSING


def _option(kind: str, group: str = "", **description: Any) -> Any:
    option = Option(kind, group, **description)
    return field(default=option.default, metadata={"option": option})


@dataclass(frozen=True)
class RunSettings:
    """What a training is asked for; None stands for the architecture's own recipe, or for none."""

    architecture: str = _option("choice", choices=list(RECIPES), default=MISSING)
    epochs: int | None = _option("integer", "Settings", minimum=1, maximum=1000)
    learning_rate: float | None = _option("number", "Settings", minimum=1e-8, maximum=10)
    batch_size: int | None = _option("integer", "Settings", minimum=1, maximum=4096)
    augmentation: str | None = _option(
        "choice",
        "Settings",
        choices=list(AUGMENTATIONS),
        help="How much training faces are turned, moved and lit differently.",
    )
    precision: str | None = _option(
        "choice",
        "Settings",
        choices=list(PRECISIONS),
        unset="float32",
        help="mixed_bfloat16 is quicker on processors that compute in it, and slower on others.",
    )
    seed: int = _option(
        "integer",
        "Settings",
        default=0,
        minimum=0,
        maximum=2**31 - 1,
        help="The same seed, data and settings draw the same batches.",
    )
    start_from: str | None = _option(
        "version",
        "From versions you have",
        label="Begin with",
        help="Weights of a version of the same architecture, to train further; half the learning rate fits.",
    )
    teachers: str | None = _option(
        "versions",
        "From versions you have",
        label="Learn from",
        help="Versions whose mean answer to each training face is learnt beside its label.",
    )
    """Separated by commas; named twice counts twice."""
    mean_of: str | None = _option(
        "versions",
        help="Versions of one architecture whose weights' mean to export; nothing is trained.",
        on_site=False,
    )
    joined: str | None = _option(
        "versions",
        help="Versions whose networks to put side by side in one, with --architecture joined: it answers with the mean "
        "of their logits; nothing is trained.",
        on_site=False,
    )
    votes_head_only: bool = _option(
        "flag",
        "From versions you have",
        label="Fit a votes head only",
        default=False,
        help="Adds the votes' reading to the version to begin with, in minutes, and leaves its other weights. "
        "Needs the FER+ votes.",
    )
    limit: int | None = _option(
        "integer",
        "Data",
        label="Rows limit",
        minimum=10,
        maximum=2**31 - 1,
        unset="all rows",
        help="For a trial: only the first rows of each split. Empty: all.",
    )
    votes: bool = _option(
        "flag",
        "Data",
        label="Use the FER+ votes",
        default=False,
        help="Ten people's votes a face as a second target and reading. Needs fer2013new.csv beside fer2013.csv.",
        in_shell=False,
    )
    include_corrections: bool = _option(
        "flag",
        "Data",
        label="Include reviewed corrections",
        default=False,
        help="Adds people's approved corrections to the training rows, never to those it is measured on.",
        in_shell=False,
    )
    mirrored: bool = _option(
        "flag",
        "Data",
        label="Look at each face twice",
        default=False,
        help="Answer by the mean over a face and its mirror image: a little more exact, twice the time a face.",
    )
    classes: str | None = _option(
        "text",
        help="names of other data sets' classes: affectnet, rafdb or a CSV of name and class, which may be skip",
        on_site=False,
    )
    recipe: dict[str, Any] | None = None
    """Other values of the recipe, by name."""
    data: str = ""
    """Path; "" is `FER2013_PATH`."""
    votes_data: str = ""
    """Path; "" is `FER2013_VOTES_PATH`."""

    @classmethod
    def from_input(cls, values: Mapping[str, Any], **more: Any) -> Self:
        """Return the settings of values entered by option; those that are absent or empty are unset."""
        entered = {name: values.get(name) for name in OPTIONS}
        for name in (name for name, option in OPTIONS.items() if option.kind == "versions"):
            versions = entered[name] or []
            names = versions.split(",") if isinstance(versions, str) else versions
            entered[name] = ",".join(each.strip() for each in names)
        return cls(**{name: value for name, value in entered.items() if value not in (None, "")}, **more)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the settings that a run's row stores, perhaps by an older release."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})

    def as_json(self) -> dict[str, Any]:
        """Return what a run's row stores; paths are absolute."""
        votes = str(self.votes_path.resolve()) if self.votes_path else ""
        return asdict(replace(self, data=str(self.data_path.resolve()), votes_data=votes))

    @property
    def data_path(self) -> Path:
        return Path(self.data) if self.data else site.FER2013_PATH

    @property
    def votes_path(self) -> Path | None:
        """None where the votes are not used."""
        if not self.votes:
            return None
        return Path(self.votes_data) if self.votes_data else site.FER2013_VOTES_PATH

    def configuration(self) -> TrainingConfig:
        """Return the whole configuration; raise `LearningError` for a value that does not fit."""
        if self.limit is not None and self.limit < 1:
            raise LearningError(f"limit: expected 1 row or more; got {self.limit}")
        known = {each.name for each in fields(TrainingConfig)} - {"architecture"}
        asked = {name: value for name, value in vars(self).items() if name in known and value is not None}
        return TrainingConfig.for_architecture(self.architecture, **{**(self.recipe or {}), **asked})


OPTIONS: dict[str, Option] = {
    each.name: each.metadata["option"] for each in fields(RunSettings) if "option" in each.metadata
}
"""The settings that can be entered, by name."""
SITE_OPTIONS = {name: option for name, option in OPTIONS.items() if option.on_site}
SHELL_OPTIONS = {name: option for name, option in OPTIONS.items() if option.in_shell}
