"""Reasons are stored in English and shown in the reader's language."""

import pytest

from training.runs import reasons


@pytest.fixture
def translated(monkeypatch):
    monkeypatch.setattr(reasons, "gettext", lambda text: f"<{text}>")


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("Its worker was stopped. It continues from its last checkpoint.", f"<{reasons.WORKER_STOPPED}>"),
        (
            f"{reasons.SILENT % {'host': 'gpu-1.example.org', 'seconds': 60}} {reasons.CONTINUES}",
            f"<{reasons.SILENT % {'host': 'gpu-1.example.org', 'seconds': 60}}> <{reasons.CONTINUES}>",
        ),
        (
            reasons.EXITED % {"status": 1, "message": "no 100%"},
            f"<{reasons.EXITED % {'status': 1, 'message': 'no 100%'}}>",
        ),
        ("fer2013.csv: row 7 has 47 pixels.", "fer2013.csv: row 7 has 47 pixels."),
        ("", ""),
    ],
)
def test_known_texts_are_translated_with_their_values(translated, stored: str, shown: str):
    assert reasons.in_active_language(stored) == shown
