"""Pictures that two splits share."""

import cv2
import numpy as np

from training.learning.data.duplicates import find_duplicates, without_duplicates
from training.learning.data.splits import Split


def pictures(count, seed=0):
    """Return smooth random pictures, uint8 (N, 48, 48, 1)."""
    noise = np.random.default_rng(seed).normal(size=(count, 48, 48)).astype(np.float32)
    smooth = [cv2.normalize(cv2.GaussianBlur(n, (0, 0), 4), None, 0, 255, cv2.NORM_MINMAX) for n in noise]
    return np.stack(smooth).astype(np.uint8)[..., np.newaxis]


def split(images):
    return Split(images, np.arange(len(images)) % 7)


def test_the_same_pixels_are_exact_duplicates():
    images = pictures(600)
    found = find_duplicates(split(images), split(np.concatenate([pictures(520, seed=1), images[[7, 550]]])))
    assert found.pairs.tolist() == [[7, 520], [550, 521]]
    assert found.exact.all()


def test_a_recompressed_darker_copy_is_a_near_duplicate():
    images = pictures(20)
    _, data = cv2.imencode(".jpg", (images[4, ..., 0] * 0.8).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 40])
    copy = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)[np.newaxis, ..., np.newaxis]
    found = find_duplicates(split(images), split(copy))
    assert found.pairs.tolist() == [[4, 0]]
    assert found.rows().tolist() == [0]
    assert found.rows(exact_only=True).tolist() == []


def test_other_pictures_are_none():
    assert len(find_duplicates(split(pictures(300)), split(pictures(300, seed=1))).pairs) == 0


def test_plain_squares_are_equal_only_to_themselves():
    grey = np.full((1, 48, 48, 1), 128, np.uint8)
    assert find_duplicates(split(grey), split(grey)).exact.tolist() == [True]
    assert len(find_duplicates(split(grey), split(pictures(5))).pairs) == 0


def test_a_row_with_two_twins_counts_once():
    image = pictures(1)
    assert find_duplicates(split(np.concatenate([image, image])), split(image)).rows().tolist() == [0]


def test_without_duplicates_keeps_the_rest_with_its_labels():
    learnt, tested = split(pictures(10)), split(np.concatenate([pictures(3, seed=2), pictures(10)[[5]]]))
    rest = without_duplicates(tested, learnt)
    assert rest.labels.tolist() == [0, 1, 2]
    assert np.array_equal(rest.images, tested.images[:3])
