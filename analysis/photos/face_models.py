"""The faces of a photo's results."""

from __future__ import annotations

from dataclasses import asdict
from typing import Self

from django.db import models
from django.db.models import Case, F, Q, Value, When

from analysis.emotion_fields import (
    EMOTION_CHOICES,
    PROBABILITY_FIELDS,
    EmotionFields,
    emotion_constraints,
    emotion_values,
)
from analysis.photos.list_queries import ListedFace
from analysis.recognition import faces as values
from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.quality import CLOSE_CONFIDENCE, CLOSE_MARGIN, QualityWarning


class FaceQuerySet(models.QuerySet["Face"]):
    def owned_by(self, user: models.Model) -> Self:
        return self.filter(analysis__photo__owner=user)

    def current(self) -> Self:
        """Faces of current results; the included ones are in the history."""
        return self.filter(analysis__is_current=True)

    def included(self) -> Self:
        """Faces that their owner did not take out."""
        return self.filter(is_included=True)

    def excluded(self) -> Self:
        return self.filter(is_included=False)

    def to_review(self) -> Self:
        """Included faces that are uncertain and not corrected: what `Face.is_open` says, in the database."""
        close_to_first = (
            Case(When(Q(**{f"{field}__gt": F("confidence") - CLOSE_MARGIN}), then=1), default=0)
            for field in PROBABILITY_FIELDS
        )
        faces = self.included().filter(correction=None).alias(close=sum(close_to_first, Value(0)))
        return faces.filter(Q(close__gt=1) | Q(confidence__lt=CLOSE_CONFIDENCE) | ~Q(picture_doubts=""))


class Face(EmotionFields):
    """A face in a result: its box in pixels of the upright original, and seven probabilities.

    `emotion` and `confidence` repeat the largest probability, for the filters of lists. `position` numbers the included
    faces of a result from left to right; those taken out follow. The last three columns are the owner's:
    `corrected_emotion` is `emotion` without a correction, and "" where they cannot tell.
    """

    analysis = models.ForeignKey("analysis.Analysis", on_delete=models.CASCADE, related_name="faces")
    position = models.PositiveSmallIntegerField()
    x = models.FloatField()
    y = models.FloatField()
    width = models.FloatField()
    height = models.FloatField()
    score = models.FloatField()
    picture_doubts = models.CharField(
        max_length=60, blank=True, default="", help_text="What is wrong with how the picture shows it, space-separated."
    )
    corrected_emotion = models.CharField(max_length=8, choices=EMOTION_CHOICES, blank=True)
    is_included = models.BooleanField(default=True, help_text="Its owner did not say that it is not a face.")
    is_marked = models.BooleanField(default=False, help_text="A person marked it: the detector had not found it.")

    objects = FaceQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["analysis", "position"], name="face_position_once"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="face_box_has_area"),
            models.CheckConstraint(condition=Q(score__range=(0, 1)), name="face_score_in_0_1"),
            models.CheckConstraint(
                condition=Q(corrected_emotion__in=["", *(str(e) for e in EMOTIONS)]), name="face_corrected_known"
            ),
            *emotion_constraints("face"),
        ]
        # Covers the query for faces of one emotion in a result.
        indexes = [models.Index(fields=["analysis", "emotion"], name="face_emotion_in_result")]

    @classmethod
    def from_value(cls, *, analysis: models.Model, position: int, face: values.Face) -> Face:
        """Return an unsaved row for a recognized face, not corrected."""
        return cls(
            analysis=analysis,
            position=position,
            **asdict(face.box),
            score=min(1.0, max(0.0, face.score)),
            picture_doubts=" ".join(face.quality_warnings),
            corrected_emotion=str(face.emotion),
            is_marked=face.is_marked,
            **emotion_values(face.probabilities),
        )

    @property
    def value(self) -> values.Face:
        """The face as a value of the recognition package."""
        return values.Face(
            box=values.Box(self.x, self.y, self.width, self.height),
            score=self.score,
            probabilities=self.probabilities,
            quality_warnings=tuple(map(QualityWarning, self.picture_doubts.split())),
            is_marked=self.is_marked,
        )

    @property
    def listed(self) -> ListedFace:
        """What the photo's list columns repeat."""
        return ListedFace(self.emotion, self.confidence, self.corrected_emotion, self.is_open)

    @property
    def is_corrected(self) -> bool:
        """Whether its owner changed it: another expression, taken out or marked; not where they confirmed it."""
        return self.is_marked or not self.is_included or self.corrected_emotion != self.emotion

    @property
    def is_open(self) -> bool:
        """Whether the answer is uncertain and its owner did not correct it."""
        return self.value.is_uncertain and getattr(self, "correction", None) is None
