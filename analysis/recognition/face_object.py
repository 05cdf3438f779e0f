"""A face as JSON, under the names that the API's serializers, the exports and `analyze --json` share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from analysis.recognition.emotions import by_emotion

if TYPE_CHECKING:
    from analysis.recognition.faces import Recognition

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


def recognition_object(recognition: Recognition) -> dict[str, Any]:
    """Return a result with its faces from left to right; boxes are [x, y, width, height] in pixels."""
    return {
        "width": recognition.width,
        "height": recognition.height,
        "detector": recognition.detector,
        "model": recognition.model,
        "faces": [
            {
                "box": [round(side, 1) for side in asdict(face.box).values()],
                **face_object(
                    emotion=face.emotion, probabilities=face.probabilities, score=face.score, doubts=face.warnings
                ),
            }
            for face in recognition.faces
        ],
        "milliseconds": {stage: round(time, 1) for stage, time in asdict(recognition.milliseconds).items()},
    }
