"""How each architecture is trained unless somebody says otherwise; needs no Keras, so that a form can show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from analysis.recognition.errors import gettext_noop
from training.learning.data.augmentation import find_augmentation
from training.learning.errors import AT_LEAST, LearningError, not_one_of

OPTIMIZERS = ("adam", "sgd")
TEACHER_VIEWS = ("original", "augmented")
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


@dataclass(frozen=True)
class Recipe:
    """The defaults of one architecture.

    `weight_decay` is decoupled (Loshchilov and Hutter, 2019); for SGD with momentum m it equals an
    L2 penalty of `weight_decay * (1 - m)`.
    """

    optimizer: str = "adam"
    learning_rate: float = 1e-3
    batch_size: int = 128
    epochs: int = 15
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    augmentation: str = "none"
    averaging: float = 0.0
    """Momentum of the exponential average of the weights; 0 turns it off."""
    votes_weight: float = 0.5
    """Weight of the FER+ votes' loss, where votes are given."""
    teacher_weight: float = 0.5
    """Share of the teachers' answer in the target, where there are teachers; the rest is the label."""
    mixup: float = 0.0
    """Both parameters of the beta distribution that faces are mixed by (Zhang et al., "mixup", 2018); 0: none are."""
    small: float = 0.0
    """Share of the epochs, the first ones, in which faces are shrunk to 36 pixels: half the time."""
    teacher_view: str = "original"
    """What the teachers answer to: each face as it is ("original") or the view that the network sees ("augmented")."""
    sharpness: float = 0.0
    """Radius of sharpness-aware minimization (Foret et al., 2021), which takes each step twice; 0 turns it off."""
    sharpness_share: float = 0.1
    """Share of the epochs, the last ones, that it is used in."""
    class_weighting: float = 0.0
    """Weigh a face by (1 / its class's share of the rows) to this power; 0: all count alike, 1: all classes do."""


_RESIDUAL = Recipe(
    optimizer="sgd",
    learning_rate=0.1,
    epochs=45,
    weight_decay=5e-3,
    label_smoothing=0.1,
    augmentation="strong",
    averaging=0.998,
)

RECIPES: dict[str, Recipe] = {
    "mlp": Recipe(epochs=5),
    "cnn": Recipe(augmentation="light"),
    "residual": _RESIDUAL,
    "wide_residual": _RESIDUAL,
    "wider_residual": _RESIDUAL,
    "vgg": _RESIDUAL,
}

_WITHIN = gettext_noop("%(name)s is %(value)s. It must be from %(least)s to %(most)s.")
_BELOW_ONE = gettext_noop("%(name)s is %(value)s. It must be 0 or more, and less than 1.")
_RATE = gettext_noop("%(name)s is %(value)s. It must be more than 0, and at most 10.")

JOINED = "joined"
"""Architecture of a version that joins others: it has no recipe, for nothing is trained."""


def find_recipe(architecture: str) -> Recipe:
    """Return the architecture's recipe; raise `LearningError` naming the known ones."""
    if architecture not in RECIPES:
        raise not_one_of("architecture", architecture, list(RECIPES))
    return RECIPES[architecture]


@dataclass(frozen=True, kw_only=True)
class TrainingConfig(Recipe):
    """Everything that decides what a training yields, besides the data: a recipe, changed or not, and these."""

    architecture: str
    seed: int = 0
    precision: str = "float32"
    start_from: str = ""
    """Version whose weights to begin with, or ""."""
    teachers: str = ""
    """Versions whose mean answer to learn beside the labels, separated by commas, or ""; named twice counts twice."""
    mean_of: str = ""
    """Versions whose weights' mean to export, separated by commas, or ""; nothing is trained."""
    joined: str = ""
    """Versions whose networks to put side by side in one, separated by commas, or ""; nothing is trained."""
    votes_head_only: bool = False
    """Fit a head to the FER+ votes on the network of `start_from`, and leave its other weights as they are."""

    def __post_init__(self) -> None:
        if self.architecture == JOINED and not self.joined:
            raise LearningError(gettext_noop("The architecture joined needs versions to join."))
        if self.joined and self.architecture != JOINED:
            raise LearningError(gettext_noop("Versions can only be joined with the architecture joined."))
        if not self.joined:
            find_recipe(self.architecture)
        if self.votes_head_only and not self.start_from:
            raise LearningError(gettext_noop("A votes head is added to a version. Choose one to start from."))
        find_augmentation(self.augmentation)
        _expect_one_of("precision", self.precision, PRECISIONS)
        _expect_one_of("optimizer", self.optimizer, OPTIMIZERS)
        _expect("epochs", self.epochs, self.epochs >= 1, AT_LEAST, least=1)
        _expect("batch_size", self.batch_size, self.batch_size >= 1, AT_LEAST, least=1)
        _expect("seed", self.seed, self.seed >= 0, AT_LEAST, least=0)
        _expect("learning_rate", self.learning_rate, 0 < self.learning_rate <= 10, _RATE)
        _expect("weight_decay", self.weight_decay, 0 <= self.weight_decay <= 1, _WITHIN, least=0, most=1)
        _expect("label_smoothing", self.label_smoothing, 0 <= self.label_smoothing < 1, _BELOW_ONE)
        _expect("averaging", self.averaging, 0 <= self.averaging < 1, _BELOW_ONE)
        _expect("votes_weight", self.votes_weight, self.votes_weight >= 0, AT_LEAST, least=0)
        _expect("teacher_weight", self.teacher_weight, 0 <= self.teacher_weight <= 1, _WITHIN, least=0, most=1)
        _expect("mixup", self.mixup, 0 <= self.mixup <= 10, _WITHIN, least=0, most=10)
        _expect_one_of("teacher_view", self.teacher_view, TEACHER_VIEWS)
        _expect("sharpness", self.sharpness, 0 <= self.sharpness <= 1, _WITHIN, least=0, most=1)
        _expect("sharpness_share", self.sharpness_share, 0 <= self.sharpness_share <= 1, _WITHIN, least=0, most=1)
        _expect("small", self.small, 0 <= self.small <= 1, _WITHIN, least=0, most=1)
        _expect("class_weighting", self.class_weighting, 0 <= self.class_weighting <= 1, _WITHIN, least=0, most=1)

    @classmethod
    def for_architecture(cls, name: str, **changes: Any) -> TrainingConfig:
        """Return the architecture's own recipe with those `changes` that are not None."""
        recipe = asdict(Recipe() if name == JOINED else find_recipe(name))
        return cls(architecture=name, **{**recipe, **{k: v for k, v in changes.items() if v is not None}})


def read_changes(words: Sequence[str]) -> dict[str, Any]:
    """Return {name: value} of words such as "weight_decay=0.001"; raise `LearningError` naming what a recipe has."""
    own = asdict(Recipe())
    changes = {}
    for word in words:
        name, _, value = word.partition("=")
        if name not in own:
            raise LearningError(f"The recipe has no value {word!r}. Give NAME=VALUE with one of: {', '.join(own)}.")
        kind = type(own[name])
        try:
            changes[name] = kind(value)
        except ValueError:
            needed = "a whole number" if kind is int else "a number"
            raise LearningError(f"{name} is {value!r}. It must be {needed}.") from None
    return changes


def _expect(name: str, value: float, fits: bool, text: str, *, least: int = 0, most: int = 0) -> None:
    if not fits:
        raise LearningError(text, name=name, value=f"{value:g}", least=least, most=most)


def _expect_one_of(name: str, found: str, known: Sequence[str]) -> None:
    if found not in known:
        raise not_one_of(name, found, known)
