"""Choices, model fields and API schema of the seven emotions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from analysis.recognition.emotions import EMOTIONS
from analysis.words import EMOTION_NAMES

EMOTION_CHOICES = [(str(emotion), lazy(capfirst, str)(EMOTION_NAMES[emotion])) for emotion in EMOTIONS]
CORRECTED, ANSWERED = "corrected", "answered"
FACES_CHOICES = [(CORRECTED, gettext_lazy("With corrections")), (ANSWERED, gettext_lazy("Without corrections"))]
"""Values of `faces` in addresses: emotions as their owner corrected them, or as versions answered."""

# Columns rather than JSON: sums and means over a million faces are computed in the database.
PROBABILITY_FIELDS = [f"p_{emotion}" for emotion in EMOTIONS]


class EmotionFields(models.Model):
    """Base of rows with seven probabilities; `emotion` and `confidence` are the likeliest one's."""

    emotion = models.CharField(max_length=8, choices=EMOTION_CHOICES)
    confidence = models.FloatField()
    p_angry = models.FloatField()
    p_disgust = models.FloatField()
    p_fear = models.FloatField()
    p_happy = models.FloatField()
    p_sad = models.FloatField()
    p_surprise = models.FloatField()
    p_neutral = models.FloatField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.emotion} {self.confidence:.0%}"

    @property
    def probabilities(self) -> tuple[float, ...]:
        """Seven floats in the order of `EMOTIONS`."""
        return tuple(getattr(self, field) for field in PROBABILITY_FIELDS)


def emotion_constraints(model: str) -> list[models.CheckConstraint]:
    """Return the constraints of the columns of `EmotionFields`, their names beginning with `model`."""
    return [
        models.CheckConstraint(condition=Q(emotion__in=[str(e) for e in EMOTIONS]), name=f"{model}_emotion_known"),
        *(
            models.CheckConstraint(condition=Q(**{f"{field}__range": (0, 1)}), name=f"{model}_{field}_in_0_1")
            for field in ["confidence", *PROBABILITY_FIELDS]
        ),
    ]


def emotion_values(probabilities: Iterable[float]) -> dict[str, Any]:
    """Return the values of the columns of `EmotionFields`; rounding errors beyond 0 and 1 are clipped."""
    clipped = [min(max(float(value), 0.0), 1.0) for value in probabilities]
    likeliest = clipped.index(max(clipped))
    columns = dict(zip(PROBABILITY_FIELDS, clipped, strict=True))
    return {"emotion": str(EMOTIONS[likeliest]), "confidence": clipped[likeliest], **columns}


PROBABILITIES_SCHEMA = {
    "type": "object",
    "description": "The probability of each expression; they sum to 1.",
    "required": [str(emotion) for emotion in EMOTIONS],
    "properties": {str(emotion): {"type": "number", "minimum": 0, "maximum": 1} for emotion in EMOTIONS},
    "additionalProperties": False,
}
