"""What people consent to, and what they say a face really shows."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from analysis.models.photos import EMOTION_CHOICES, Face
from analysis.recognition.emotions import EMOTIONS


class ConsentQuerySet(models.QuerySet["Consent"]):
    def standing(self) -> Self:
        """Those that were not withdrawn."""
        return self.filter(withdrawn_at=None)

    def of(self, user: models.Model, purpose: str) -> Self:
        return self.filter(user=user, purpose=purpose)


class Consent(models.Model):
    """That somebody agreed to one purpose, having read one version of its notice; kept after it is withdrawn."""

    class Purpose(models.TextChoices):
        TRAINING = "training", "training on corrected faces"
        PHOTOS = "photos", "analysing my photos and videos"
        CAMERA = "camera", "analysing my camera's picture live"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose)
    notice_version = models.CharField(max_length=20)
    given_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "purpose"], condition=Q(withdrawn_at=None), name="consent_one_standing"
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=["training", "photos", "camera"]), name="consent_purpose_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} by {self.user_id}, notice {self.notice_version}"


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def owned_by(self, user: models.Model) -> Self:
        return self.filter(by=user)

    def consented(self) -> Self:
        """Those whose author agrees, now, that they train networks; staff see no others."""
        consents = Consent.objects.standing().filter(user=OuterRef("by"), purpose=Consent.Purpose.TRAINING)
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
