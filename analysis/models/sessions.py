"""What was seen over time, in a webcam or a video: sessions and their samples."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from analysis.models.photos import EMOTION_CHOICES, PROBABILITY_FIELDS
from analysis.recognition.emotions import EMOTIONS


class SessionQuerySet(models.QuerySet["Session"]):
    def owned_by(self, user: models.Model) -> Self:
        return self.filter(owner=user)

    def newest_first(self) -> Self:
        return self.order_by("-started_at", "-id")

    def open(self) -> Self:
        return self.filter(ended_at=None)


class Session(models.Model):
    """A live session or an analysed video, as one timeline. `started_at` is second 0 of its samples.

    Of a video, that is when it was uploaded: its file says nothing trustworthy about when it was filmed.
    """

    class Source(models.TextChoices):
        LIVE = "live", "Live"
        VIDEO = "video", "Video"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sessions")
    source = models.CharField(max_length=5, choices=Source)
    name = models.CharField(max_length=120)
    notes = models.TextField(blank=True, max_length=10_000)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(default=timezone.now, help_text="When its last rows were written.")
    frames = models.PositiveIntegerField(default=0, help_text="Frames that were analysed.")
    dropped = models.PositiveIntegerField(default=0, help_text="Frames that gave way to newer ones.")

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(source__in=["live", "video"]), name="session_source_known"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="session_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["owner", "-started_at", "-id"], name="session_newest_first")]

    def __str__(self) -> str:
        return f"session {self.pk}"

    @property
    def duration(self) -> dt.timedelta:
        """How long it lasted, or has lasted so far."""
        return (self.ended_at or self.seen_at) - self.started_at


class Sample(models.Model):
    """One face in one second of a session: the mean over that second's frames. No picture, no place.

    `second` counts from the session's start, `face` is the face's id within it, `probabilities` are unsmoothed means;
    `emotion` and `confidence` repeat the largest of those.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="samples")
    second = models.PositiveIntegerField()
    face = models.PositiveIntegerField()
    frames = models.PositiveSmallIntegerField()
    model = models.CharField(max_length=100)
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
        ordering = ["second", "face"]
        constraints = [
            models.UniqueConstraint(fields=["session", "second", "face"], name="sample_once"),
            models.CheckConstraint(condition=Q(frames__gt=0), name="sample_has_frames"),
            models.CheckConstraint(condition=Q(emotion__in=[str(e) for e in EMOTIONS]), name="sample_emotion_known"),
            *(
                models.CheckConstraint(condition=Q(**{f"{field}__range": (0, 1)}), name=f"sample_{field}_in_0_1")
                for field in ["confidence", *PROBABILITY_FIELDS]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.emotion} {self.confidence:.0%}"

    @property
    def probabilities(self) -> tuple[float, ...]:
        """Seven floats in the order of `EMOTIONS`."""
        return tuple(getattr(self, field) for field in PROBABILITY_FIELDS)
