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
        ("epochs", 0, "epochs is 0. It must be 1 or more."),
        ("batch_size", 0, "batch_size is 0. It must be 1 or more."),
        ("seed", -1, "seed is -1. It must be 0 or more."),
        ("learning_rate", 0.0, "learning_rate is 0. It must be more than 0, and at most 10."),
        ("learning_rate", float("nan"), "learning_rate is nan. It must be more than 0, and at most 10."),
        ("precision", "int4", "precision is “int4”. It must be one of these: float32, mixed_bfloat16, mixed_float16."),
        ("augmentation", "wild", "augmentation is “wild”. It must be one of these: none, light, strong, robust"),
        ("optimizer", "lion", "optimizer is “lion”. It must be one of these: adam, sgd."),
        ("weight_decay", -1.0, "weight_decay is -1. It must be from 0 to 1."),
        ("label_smoothing", 1.0, "label_smoothing is 1. It must be 0 or more, and less than 1."),
        ("averaging", 1.0, "averaging is 1. It must be 0 or more, and less than 1."),
        ("teacher_weight", 1.5, "teacher_weight is 1.5. It must be from 0 to 1."),
        ("class_weighting", -1.0, "class_weighting is -1. It must be from 0 to 1."),
        ("votes_weight", -0.5, "votes_weight is -0.5. It must be 0 or more."),
    ],
)
def test_it_refuses_what_does_not_fit(name, value, message):
    with pytest.raises(LearningError, match=message):
        TrainingConfig.for_architecture("mlp", **{name: value})
