"""A training's configuration: an architecture's recipe and somebody's changes."""

import pytest

from training.learning.errors import LearningError
from training.learning.fit import TrainingConfig


def test_it_begins_with_the_architectures_recipe():
    config = TrainingConfig.for_architecture("residual")
    assert (config.optimizer, config.augmentation, config.epochs) == ("sgd", "strong", 45)


def test_what_is_none_stays_the_recipes():
    config = TrainingConfig.for_architecture("mlp", epochs=2, learning_rate=None)
    assert (config.epochs, config.learning_rate) == (2, 1e-3)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("epochs", 0, "epochs: expected 1 or more; got 0"),
        ("batch_size", 0, "batch_size: expected 1 or more; got 0"),
        ("seed", -1, "seed: expected 0 or more; got -1"),
        ("learning_rate", 0.0, "learning_rate: expected a number above 0, at most 10; got 0.0"),
        ("learning_rate", float("nan"), "learning_rate: expected a number above 0, at most 10; got nan"),
        ("precision", "int4", "precision: expected one of float32, mixed_bfloat16, mixed_float16; got 'int4'"),
        ("augmentation", "wild", "augmentation: expected one of none, light, strong, robust"),
        ("optimizer", "lion", "optimizer: expected one of adam, sgd; got 'lion'"),
        ("weight_decay", -1.0, "weight_decay: expected 0 to 1; got -1.0"),
        ("label_smoothing", 1.0, "label_smoothing: expected 0 or more, below 1; got 1.0"),
        ("averaging", 1.0, "averaging: expected 0 or more, below 1; got 1.0"),
        ("teacher_weight", 1.5, "teacher_weight: expected 0 to 1; got 1.5"),
        ("class_weighting", -1.0, "class_weighting: expected 0 to 1; got -1.0"),
        ("votes_weight", -0.5, "votes_weight: expected 0 or more; got -0.5"),
    ],
)
def test_it_refuses_what_does_not_fit(name, value, message):
    with pytest.raises(LearningError, match=message):
        TrainingConfig.for_architecture("mlp", **{name: value})
