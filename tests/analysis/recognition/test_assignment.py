"""The assignment has the least total cost and no forbidden pair."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from analysis.recognition.tracking.assignment import assign

FORBIDDEN = 3.0
costs = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=5), elements=st.floats(0, 4))


def total(table: np.ndarray, pairs: list[tuple[int, int]]) -> float:
    return sum(table[pair] for pair in pairs) + FORBIDDEN * (table.shape[0] - len(pairs))


def cheapest(table: np.ndarray) -> float:
    """Return the least total of every way to pair."""
    rows, columns = table.shape
    choices = itertools.product([None, *range(columns)], repeat=rows)
    ways = ([(row, column) for row, column in enumerate(way) if column is not None] for way in choices)
    return min(total(table, way) for way in ways if len({column for _, column in way}) == len(way))


@given(costs)
def test_the_total_cost_is_minimal(table: np.ndarray):
    assert total(table, assign(table, forbidden=FORBIDDEN)) == pytest.approx(cheapest(table))


@given(costs)
def test_each_is_paired_once_and_never_at_the_forbidden_cost(table: np.ndarray):
    pairs = assign(table, forbidden=FORBIDDEN)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert all(table[pair] < FORBIDDEN for pair in pairs)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_an_empty_matrix_has_no_pair(shape: tuple[int, int]):
    assert assign(np.zeros(shape), forbidden=FORBIDDEN) == []


def test_a_hundred_by_a_hundred():
    places = np.random.default_rng(0).permutation(100).astype(float)
    pairs = assign(abs(np.arange(100.0)[:, None] - places), forbidden=FORBIDDEN)
    assert all(places[column] == row for row, column in pairs)
    assert len(pairs) == 100
