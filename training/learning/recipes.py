"""How each architecture is trained unless somebody says otherwise; needs no Keras, so that a form can show it."""

from __future__ import annotations

from dataclasses import dataclass

from training.learning.errors import LearningError


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


RECIPES: dict[str, Recipe] = {
    "mlp": Recipe(epochs=5),
    "cnn": Recipe(augmentation="light"),
    "residual": Recipe(
        optimizer="sgd",
        learning_rate=0.1,
        epochs=45,
        weight_decay=5e-3,
        label_smoothing=0.1,
        augmentation="strong",
        averaging=0.998,
    ),
}


def find_recipe(architecture: str) -> Recipe:
    """Return the architecture's recipe; raise `LearningError` naming the known ones."""
    if architecture not in RECIPES:
        raise LearningError(f"architecture: expected one of {', '.join(RECIPES)}; got {architecture!r}")
    return RECIPES[architecture]
