"""The assignment problem: pair two sets at the least total cost."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def assign(costs: Floats, *, forbidden: float) -> list[tuple[int, int]]:
    """Return (row, column) pairs, each row and column in one at most, that cost least.

    `costs` is (rows, columns), floats of at least 0. An unpaired row costs `forbidden`; a pair that costs as much is
    never made. This is the Hungarian method (Kuhn, 1955) by shortest augmenting paths (Jonker and Volgenant, 1987),
    as SORT pairs boxes (Bewley et al., 2016); taking the nearest pair first would shift a row of faces by one when
    the camera pans.
    """
    if not costs.size:
        return []
    if costs.shape[0] > costs.shape[1]:
        return sorted((row, column) for column, row in assign(costs.T, forbidden=forbidden))
    costs = np.minimum(costs, forbidden)
    rows, columns = costs.shape
    row_of = np.full(columns, -1)
    row_price, column_price = np.zeros(rows), np.zeros(columns)
    for row in range(rows):
        _augment(costs, row, row_of, row_price, column_price)
    pairs = ((int(row), column) for column, row in enumerate(row_of) if row >= 0)
    return sorted(pair for pair in pairs if costs[pair] < forbidden)


def _augment(costs: Floats, row: int, row_of: npt.NDArray[np.int_], row_price: Floats, column_price: Floats) -> None:
    """Assign `row` a column along the shortest augmenting path; `row_of` (columns,) is -1 for a free column."""
    columns = costs.shape[1]
    shortest, before = np.full(columns, np.inf), np.full(columns, -1)
    seen = np.zeros(columns, bool)
    reached, length, column = row, 0.0, -1
    while reached >= 0:
        way = length + costs[reached] - row_price[reached] - column_price
        shorter = ~seen & (way < shortest)
        shortest[shorter], before[shorter] = way[shorter], column
        column = int(np.argmin(np.where(seen, np.inf, shortest)))
        length, seen[column] = float(shortest[column]), True
        reached = int(row_of[column])
    row_price[row] += length
    for visited in np.flatnonzero(seen):
        column_price[visited] -= length - shortest[visited]
        if row_of[visited] >= 0:
            row_price[row_of[visited]] += length - shortest[visited]
    while column >= 0:
        earlier = int(before[column])
        row_of[column] = row if earlier < 0 else row_of[earlier]
        column = earlier
