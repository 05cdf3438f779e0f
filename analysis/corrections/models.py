"""What people consent to, and what they say a face really shows."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from analysis.consents.models import Consent
from analysis.emotion_fields import EMOTION_CHOICES
from analysis.photos.models import Face
from analysis.recognition.emotions import EMOTIONS


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def owned_by(self, user: models.Model) -> Self:
        return self.filter(by=user)

    def consented(self) -> Self:
        """Those whose author agrees, now, that they train networks; staff see no others."""
        consents = Consent.objects.active().filter(user=OuterRef("by"), purpose=Consent.Purpose.TRAINING)
        return self.filter(Exists(consents))

    def pool(self) -> Self:
        """Those that may join a training run's rows; whoever is leaving is inactive already."""
        return self.consented().filter(status=Correction.Status.APPROVED, by__is_active=True)

    def pending_first(self) -> Self:
        # "pending" happens to sort between the other two, so the state is compared, not sorted.
        is_reviewed = models.Case(models.When(status=Correction.Status.PENDING, then=0), default=1)
        return self.order_by(is_reviewed, "created_at", "pk")


class Correction(models.Model):
    """Which expression a person says a face shows; at most one a face.

    `said` and `model` are the answer that was found wrong and the version that gave it. A change of mind makes a
    new row, so that a reviewer never approves another emotion than the one they saw.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "waiting for review"
        APPROVED = "approved", "approved"
        REJECTED = "rejected", "rejected"

    face = models.OneToOneField(Face, on_delete=models.CASCADE, related_name="correction")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="corrections")
    emotion = models.CharField("they say", max_length=8, choices=EMOTION_CHOICES)
    said = models.CharField("recognized as", max_length=8, choices=EMOTION_CHOICES)
    model = models.CharField(max_length=100)
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    created_at = models.DateTimeField(default=timezone.now)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(emotion__in=[str(e) for e in EMOTIONS]), name="correction_known"),
            models.CheckConstraint(
                condition=Q(status="pending", reviewed_at=None)
                | Q(status__in=["approved", "rejected"], reviewed_at__isnull=False),
                name="correction_reviewed_at",
            ),
        ]
        indexes = [models.Index(fields=["status", "created_at"], name="correction_to_review")]

    def __str__(self) -> str:
        return f"{self.said} corrected to {self.emotion}"
