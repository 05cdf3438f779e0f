"""Columns of a face in every export and in `analyze --json`, under the names of the API's serializers."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.emotion_fields import PROBABILITY_FIELDS
from analysis.recognition.face_object import DECIMALS, face_object
from analysis.recognition.quality import QualityWarning, is_close

FACE_COLUMNS = ("emotion", "confidence", *PROBABILITY_FIELDS, "score", "is_uncertain", "doubts")
# Spreadsheets read the full-width signs as the ASCII ones.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
DOUBTS_SCHEMA = {"type": "array", "items": {"type": "string", "enum": [str(warning) for warning in QualityWarning]}}


def doubts_of(probabilities: Sequence[float], picture_doubts: str = "") -> list[str]:
    """Return why a stored result is uncertain, as `recognition.faces.Face.warnings` does.

    `picture_doubts` is what its row has, separated by spaces; rows of a session have none.
    """
    second, first = sorted(probabilities)[-2:]
    close = [str(QualityWarning.CLOSE)] if is_close(first, first - second) else []
    return close + picture_doubts.split()


def face_cells(
    *, emotion: str, probabilities: Sequence[float], score: float | None, doubts: Sequence[str]
) -> list[str]:
    """Return the columns for CSV, in the order of `FACE_COLUMNS`: doubts are separated by spaces."""
    face = face_object(emotion=emotion, probabilities=probabilities, score=score, doubts=doubts)
    numbers = [face["confidence"], *face["probabilities"].values()]
    return [
        face["emotion"],
        *(f"{number:.{DECIMALS}f}" for number in numbers),
        "" if score is None else f"{score:.{DECIMALS}f}",
        str(face["is_uncertain"]).lower(),
        " ".join(face["doubts"]),
    ]


def escape_formula(text: str) -> str:
    """Return text that no spreadsheet reads as a formula: with an apostrophe before a character that begins one."""
    return f"'{text}" if text.startswith(_FORMULA) else text
