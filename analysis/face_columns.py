"""Columns of a face in every export and in `analyze --json`, under the names of the API's serializers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.emotion_fields import PROBABILITY_FIELDS, by_emotion
from analysis.recognition.quality import QualityWarning, is_close

FACE_COLUMNS = ("emotion", "confidence", *PROBABILITY_FIELDS, "score", "is_uncertain", "doubts")
DOUBTS_SCHEMA = {"type": "array", "items": {"type": "string", "enum": [str(warning) for warning in QualityWarning]}}
_DECIMALS = 6


def doubts_of(probabilities: Sequence[float], picture_doubts: str = "") -> list[str]:
    """Return why a stored result is uncertain, as `recognition.faces.Face.warnings` does.

    `picture_doubts` is what its row has, separated by spaces; rows of a session have none.
    """
    second, first = sorted(probabilities)[-2:]
    close = [str(QualityWarning.CLOSE)] if is_close(first, first - second) else []
    return close + picture_doubts.split()


def face_object(
    *, emotion: str, probabilities: Sequence[float], score: float | None, doubts: Sequence[str]
) -> dict[str, Any]:
    """Return the columns for JSON; the seven probabilities, in the order of `EMOTIONS`, are one object.

    `score` is the detector's, None of a session that an earlier release recorded.
    """
    by_name = by_emotion(round(probability, _DECIMALS) for probability in probabilities)
    return {
        "emotion": str(emotion),
        "confidence": by_name[str(emotion)],
        "probabilities": by_name,
        "score": None if score is None else round(score, _DECIMALS),
        "is_uncertain": bool(doubts),
        "doubts": list(map(str, doubts)),
    }


def face_cells(
    *, emotion: str, probabilities: Sequence[float], score: float | None, doubts: Sequence[str]
) -> list[str]:
    """Return the columns for CSV, in the order of `FACE_COLUMNS`: doubts are separated by spaces."""
    face = face_object(emotion=emotion, probabilities=probabilities, score=score, doubts=doubts)
    numbers = [face["confidence"], *face["probabilities"].values()]
    return [
        face["emotion"],
        *(f"{number:.{_DECIMALS}f}" for number in numbers),
        "" if score is None else f"{score:.{_DECIMALS}f}",
        str(face["is_uncertain"]).lower(),
        " ".join(face["doubts"]),
    ]
