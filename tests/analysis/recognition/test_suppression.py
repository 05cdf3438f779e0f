"""Overlapping finds of a face are merged."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.recognition.detectors.suppression import keep_best, merge


def finds(*boxes: tuple[float, float, float, float]) -> np.ndarray:
    """Return finds of a box and one point, its middle."""
    return np.array([[(x1, y1), (x2, y2), ((x1 + x2) / 2, (y1 + y2) / 2)] for x1, y1, x2, y2 in boxes], np.float32)


def scores(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_an_empty_input_stays_empty():
    found, sure = merge(np.zeros((0, 8, 2), np.float32), scores())
    assert (found.shape, sure.shape) == ((0, 8, 2), (0,))


def test_one_face_found_twice_is_their_weighted_mean_with_the_better_score():
    found, sure = merge(finds((0, 0, 10, 10), (4, 0, 14, 10)), scores(0.9, 0.3))
    np.testing.assert_allclose(found, finds((1, 0, 11, 10)), rtol=1e-6)
    assert sure == pytest.approx([0.9])


def test_faces_apart_stay_apart_surest_first():
    found, sure = merge(finds((0, 0, 10, 10), (8, 0, 18, 10)), scores(0.6, 0.8))
    np.testing.assert_allclose(found, finds((8, 0, 18, 10), (0, 0, 10, 10)))
    assert sure == pytest.approx([0.8, 0.6])


def test_a_part_of_a_face_is_dropped_without_moving_it():
    found, _ = merge(finds((0, 0, 20, 20), (2, 2, 8, 8)), scores(0.7, 0.6))
    np.testing.assert_allclose(found, finds((0, 0, 20, 20)))


def test_a_box_without_area_works():
    assert len(merge(finds((5, 5, 5, 5), (5, 5, 5, 5)), scores(0.9, 0.8))[0]) >= 1


def test_the_best_find_of_a_face_is_kept_as_it_is():
    found = finds((4, 0, 14, 10), (0, 0, 10, 10), (2, 2, 6, 6), (50, 50, 60, 60))
    assert keep_best(found, scores(0.3, 0.9, 0.5, 0.6)) == [1, 3]
    assert keep_best(np.zeros((0, 7, 2), np.float32), scores()) == []
