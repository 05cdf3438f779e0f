"""A broker that records what is sent, and training data that is there."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the rows whose tasks were sent."""
    ids: list[str] = []
    monkeypatch.setattr("ferproject.queue.leases.send", lambda task, row_id: ids.append(row_id))
    return ids


@pytest.fixture
def data_there(settings, tmp_path: Path) -> Path:
    """FER2013_PATH names a file; nothing reads it yet."""
    settings.FER2013_PATH = tmp_path / "fer2013.csv"
    settings.FER2013_PATH.touch()
    return settings.FER2013_PATH
