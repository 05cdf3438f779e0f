"""A figure that was not met says so, and so does the command."""

from __future__ import annotations

import pytest

from tests.bench.live_clients import Seen
from tests.bench.live_table import Load, Row, at_least, at_most, exit_status, sixty_clients


def test_a_missed_figure_ends_the_command_with_1():
    met, told = at_least("answers", 30, "/s", 30), Row("cores", 2, "")
    assert exit_status([met, told]) == 0
    assert exit_status([met, at_most("latency", 61, "ms", 60), told]) == 1


@pytest.mark.parametrize(
    ("answered", "dropped", "wanted", "is_met"),
    [
        (50, 0, "any, as it kept up", None),
        (20, 0, "more than 0, as it fell behind", False),
        (20, 30, "more than 0, as it fell behind", True),
    ],
)
def test_drops_are_wanted_of_who_fell_behind_alone(answered: int, dropped: int, wanted: str, is_met: bool | None):
    seen = Seen(sent=50, dropped=dropped, seconds=10.0, latencies=[20.0] * answered)
    (row,) = (row for row in sixty_clients(Load([seen], 1.0, 1.0)) if "drop counter" in row.name)
    assert (row.wanted, row.is_met) == (wanted, is_met)
