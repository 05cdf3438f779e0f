"""Sums of a history to test with, as the services would have left them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from analysis.history.sums import HistoryEntry, add_to_history
from analysis.recognition.emotions import EMOTIONS


def count_faces(
    owner: Any, at: dt.datetime, n: int = 1, *, emotion: str = "happy", source: str = "photo", model: str = "test-1"
) -> None:
    """Count `n` faces that show `emotion` with a probability of 0.7 and each other one with 0.05."""
    probabilities = tuple(0.7 if each == emotion else 0.05 for each in EMOTIONS)
    add_to_history([HistoryEntry(owner.pk, at, source, model, emotion, probabilities)] * n)
