"""Random changes of training faces."""

import numpy as np
import pytest

from training.learning.data.augmentation import AUGMENTATIONS, Augmentation, augment, find_augmentation
from training.learning.errors import LearningError


@pytest.fixture
def faces():
    return np.random.default_rng(1).integers(0, 256, (16, 48, 48, 1), np.uint8)


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_it_keeps_shape_and_type_and_the_input(faces, name):
    before = faces.copy()
    changed = augment(faces, AUGMENTATIONS[name], np.random.default_rng(0))
    assert (changed.shape, changed.dtype) == (faces.shape, np.uint8)
    np.testing.assert_array_equal(faces, before)
    assert not np.shares_memory(changed, faces)


def test_none_changes_nothing(faces):
    np.testing.assert_array_equal(augment(faces, AUGMENTATIONS["none"], np.random.default_rng(0)), faces)


def test_a_flip_mirrors_about_half_of_the_faces(faces):
    changed = augment(faces, Augmentation(flip=True), np.random.default_rng(0))
    mirrored = [np.array_equal(new, old[:, ::-1]) for new, old in zip(changed, faces, strict=True)]
    kept = [np.array_equal(new, old) for new, old in zip(changed, faces, strict=True)]
    assert all(a or b for a, b in zip(mirrored, kept, strict=True))
    assert 3 <= sum(mirrored) <= 13


def test_the_same_seed_gives_the_same_faces(faces):
    strong = AUGMENTATIONS["strong"]
    first, second = (augment(faces, strong, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, augment(faces, strong, np.random.default_rng(6)))


def test_a_face_stays_recognizable():
    face = np.full((1, 48, 48, 1), 60, np.uint8)
    face[:, 16:32, 16:32] = 200
    changed = augment(
        np.repeat(face, 50, axis=0), Augmentation(rotation=15, scale=0.15, shift=0.08), np.random.default_rng(2)
    )
    assert (changed[:, 22:26, 22:26] > 190).all()
    assert (changed[:, :4, :4] == 60).all()


def test_covering_hides_about_one_half_behind_one_grey():
    faces = np.repeat(np.tile(np.arange(48, dtype=np.uint8)[:, None, None] + 100, (1, 1, 48, 1)), 20, axis=0)
    changed = augment(faces, Augmentation(covering=1.0), np.random.default_rng(4))[..., 0]
    for face in changed:
        covered = np.flatnonzero((face != faces[0, ..., 0]).all(axis=1))
        assert 18 <= len(covered) <= 30
        assert covered[0] == 0 or covered[-1] == 47
        assert len(np.unique(face[covered])) == 1


def test_it_names_what_it_knows():
    with pytest.raises(
        LearningError,
        match=r"augmentation is “wild”\. It must be one of these: none, light, strong, ",
    ):
        find_augmentation("wild")
