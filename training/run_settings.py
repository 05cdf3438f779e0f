"""Settings of a training. The admin's form, the API, `manage.py train` and the run's row derive from `RunSettings`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

from django.conf import settings as site
from django.utils.translation import gettext_lazy as _

from training.learning.data.augmentation import AUGMENTATIONS
from training.learning.errors import AT_LEAST, LearningError
from training.learning.recipes import PRECISIONS, RECIPES, TrainingConfig


@dataclass(frozen=True)
class Option:
    """How a setting is entered and described.

    `kind` is "choice", "integer", "number", "flag", "text", "version" or "versions"; the form has `group` and `label`.
    With `default` None it may be left unset; `unset` names what that stands for where it is not the recipe's value.
    """

    kind: str
    group: Any = ""
    label: Any = None
    help: Any = ""
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    choices: Sequence[str] = ()
    unset: Any = ""
    on_site: bool = True
    """In the admin's form and the API."""
    in_shell: bool = True

    @property
    def is_required(self) -> bool:
        return self.default is MISSING


_SETTINGS, _VERSIONS, _DATA = _("Settings"), _("From your versions"), _("Data")


def _option(kind: str, group: Any = "", **description: Any) -> Any:
    option = Option(kind, group, **description)
    return field(default=option.default, metadata={"option": option})


@dataclass(frozen=True)
class RunSettings:
    """What a training is asked for; None stands for the architecture's own recipe, or for none."""

    architecture: str = _option("choice", label=_("Architecture"), choices=list(RECIPES), default=MISSING)
    epochs: int | None = _option("integer", _SETTINGS, label=_("Epochs"), minimum=1, maximum=1000)
    learning_rate: float | None = _option("number", _SETTINGS, label=_("Learning rate"), minimum=1e-8, maximum=10)
    batch_size: int | None = _option("integer", _SETTINGS, label=_("Batch size"), minimum=1, maximum=4096)
    augmentation: str | None = _option(
        "choice",
        _SETTINGS,
        label=_("Augmentation"),
        choices=list(AUGMENTATIONS),
        help=_("How much the training faces are rotated, moved and relit."),
    )
    precision: str | None = _option(
        "choice",
        _SETTINGS,
        label=_("Precision"),
        choices=list(PRECISIONS),
        unset="float32",
        help=_("mixed_bfloat16 is faster on processors that support it, and slower on others."),
    )
    seed: int = _option(
        "integer",
        _SETTINGS,
        label=_("Seed"),
        default=0,
        minimum=0,
        maximum=2**31 - 1,
        help=_("The same seed, data and settings give the same batches."),
    )
    start_from: str | None = _option(
        "version",
        _VERSIONS,
        label=_("Start from"),
        help=_("Train a version of the same architecture further. Half the learning rate is a good choice."),
    )
    teachers: str | None = _option(
        "versions",
        _VERSIONS,
        label=_("Learn from"),
        help=_("Each training face is learnt with its label and with the mean result of these versions."),
    )
    """Separated by commas; named twice counts twice."""
    mean_of: str | None = _option(
        "versions",
        label=_("Mean of"),
        help=_("Versions of one architecture: the mean of their weights is exported, and nothing is trained."),
        on_site=False,
    )
    joined: str | None = _option(
        "versions",
        label=_("Joined"),
        help=_(
            "Versions whose networks are joined into one, with --architecture joined: "
            "it gives the mean of their logits, and nothing is trained."
        ),
        on_site=False,
    )
    votes_head_only: bool = _option(
        "flag",
        _VERSIONS,
        label=_("Only add a votes head"),
        default=False,
        help=_(
            "Adds the reading by votes to the version to start from, in minutes, and keeps its other weights. "
            "Needs the FER+ votes."
        ),
    )
    limit: int | None = _option(
        "integer",
        _DATA,
        label=_("Row limit"),
        minimum=10,
        maximum=2**31 - 1,
        unset=_("All rows"),
        help=_("For a trial: use only the first rows of each split. Empty: all rows."),
    )
    votes: bool = _option(
        "flag",
        _DATA,
        label=_("Use the FER+ votes"),
        default=False,
        help=_("Adds the votes of ten people on each face as a second target and reading. Needs fer2013new.csv."),
        in_shell=False,
    )
    include_corrections: bool = _option(
        "flag",
        _DATA,
        label=_("Include reviewed corrections"),
        default=False,
        help=_("Adds approved corrections to the training rows, but never to the rows it is measured on."),
        in_shell=False,
    )
    mirrored: bool = _option(
        "flag",
        _DATA,
        label=_("Analyse each face twice"),
        default=False,
        help=_("Uses the mean over a face and its mirror image: slightly more accurate, but twice as slow."),
    )
    classes: str | None = _option(
        "text",
        label=_("Classes"),
        help=_("class names of other data sets: affectnet, rafdb, or a CSV of name and class, which may be skip"),
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
            raise LearningError(AT_LEAST, name="limit", value=self.limit, least=1)
        known = {each.name for each in fields(TrainingConfig)} - {"architecture"}
        asked = {name: value for name, value in vars(self).items() if name in known and value is not None}
        return TrainingConfig.for_architecture(self.architecture, **{**(self.recipe or {}), **asked})


OPTIONS: dict[str, Option] = {
    each.name: each.metadata["option"] for each in fields(RunSettings) if "option" in each.metadata
}
"""The settings that can be entered, by name."""
SITE_OPTIONS = {name: option for name, option in OPTIONS.items() if option.on_site}
SHELL_OPTIONS = {name: option for name, option in OPTIONS.items() if option.in_shell}
