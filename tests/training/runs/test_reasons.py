"""Reasons are stored in English and shown in the reader's language."""

import pytest

from analysis.recognition.errors import RecognitionError
from training.learning.errors import LearningError
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


@pytest.mark.parametrize(
    "error",
    [
        LearningError("Row %(row)s of %(file)s is odd.", row=12345, file="a.csv", hint="Choose another."),
        RecognitionError("odd", "Row %(row)s of %(file)s is odd.", row=12345, file="a.csv", hint="Choose another."),
    ],
)
def test_an_errors_text_is_translated_with_its_values(monkeypatch, error):
    monkeypatch.setattr("ferproject.errors.gettext", lambda text: f"<{text}>")
    shown = reasons.in_active_language(str(error), reasons.parts_of(error))
    assert shown == "<Row 12,345 of a.csv is odd.> <Choose another.>"


def test_another_errors_reason_has_no_parts_and_a_resumed_run_no_reason():
    assert reasons.parts_of(ValueError("odd")) is None
    assert reasons.in_active_language("", reasons.parts_of(LearningError("Odd."))) == ""
