"""Accuracy under worse pictures."""

import numpy as np
import pytest

from training.learning.evaluation.stress import CONDITIONS, stress

RAMP = np.tile(np.linspace(0, 255, 48).astype(np.uint8), (48, 1))
CONDITION = {condition.name: condition for condition in CONDITIONS}


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.name)
def test_each_condition_changes_a_face_and_keeps_its_shape(condition):
    face = np.random.default_rng(0).integers(0, 256, (48, 48)).astype(np.uint8)
    before = face.copy()
    changed = condition.change(face)
    assert (changed.shape, changed.dtype) == ((48, 48), np.uint8)
    assert not np.array_equal(changed, face)
    assert np.array_equal(face, before)


def test_half_light_halves_every_pixel():
    assert np.array_equal(CONDITION["half_light"].change(RAMP), RAMP // 2)


def test_covered_halves_are_grey_and_the_others_untouched():
    lower, upper = CONDITION["lower_covered"].change(RAMP), CONDITION["upper_covered"].change(RAMP)
    assert (lower[24:] == 128).all()
    assert np.array_equal(lower[:24], RAMP[:24])
    assert (upper[:24] == 128).all()
    assert np.array_equal(upper[24:], RAMP[24:])


def test_the_two_rolls_go_opposite_ways():
    left, right = CONDITION["roll_left"].change(RAMP), CONDITION["roll_right"].change(RAMP)
    assert left[0, 24] != right[0, 24]
    assert abs(int(left[40, 24]) - int(right[7, 24])) <= 3


def test_it_tells_accuracy_and_what_was_lost():
    images = np.full((4, 48, 48, 1), 200, np.uint8)
    labels = np.zeros(4, np.int64)

    def sees_bright_faces(faces):
        bright = faces.mean(axis=(1, 2, 3)) > 150
        return np.eye(7, dtype=np.float32)[np.where(bright, 0, 1)]

    results = {result.name: result for result in stress(sees_bright_faces, images, labels)}
    assert (results["blur"].accuracy, results["blur"].lost) == (1.0, 0.0)
    assert (results["half_light"].accuracy, results["half_light"].lost) == (0.0, 1.0)
    assert len(results) == len(CONDITIONS)
