"""A face as JSON, under the names that the API's serializers, the exports and `analyze --json` share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.recognition.emotions import by_emotion

DECIMALS = 6


def face_object(
    *, emotion: str, probabilities: Sequence[float], score: float | None, doubts: Sequence[str]
) -> dict[str, Any]:
    """Return one face; the seven probabilities, in the order of `EMOTIONS`, are one object.

    `score` is the detector's, None of a session that an earlier release recorded.
    """
    by_name = by_emotion(round(probability, DECIMALS) for probability in probabilities)
    return {
        "emotion": str(emotion),
        "confidence": by_name[str(emotion)],
        "probabilities": by_name,
        "score": None if score is None else round(score, DECIMALS),
        "is_uncertain": bool(doubts),
        "doubts": list(map(str, doubts)),
    }
