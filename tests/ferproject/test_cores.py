"""The cores of several web processes."""

from __future__ import annotations

import pytest

from ferproject.server.cores import own_cores


@pytest.mark.parametrize(
    ("cores", "processes", "expected"),
    [
        ({0, 1}, 2, [{0}, {1}]),
        ({2, 5, 7, 9}, 2, [{2, 7}, {5, 9}]),
        ({0, 1, 2}, 2, [{0, 2}, {1}]),
        ({0, 1}, 3, [{0}, {1}, {0}]),
    ],
)
def test_each_has_its_share(cores: set[int], processes: int, expected: list[set[int]]):
    assert [own_cores(cores, number=number, processes=processes) for number in range(processes)] == expected
