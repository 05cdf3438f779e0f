"""What was written is sent, whatever is killed; `python -m tests.faults.webhooks` kills 100 times."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.webhooks import run


@pytest.mark.slow
def test_each_event_is_acknowledged_although_the_sender_is_killed_and_half_of_the_answers_fail(tmp_path: Path):
    result = run(tmp_path / "site", kills=3)
    assert (result.events, result.acknowledged, result.lost) == (24, 24, 0), result
