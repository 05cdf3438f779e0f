"""Corrections of recognized expressions."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysis.consents.models import Consent
from analysis.emotion_fields import EMOTION_CHOICES
from analysis.photos.models import Face
from analysis.recognition.emotions import EMOTIONS

CANNOT_TELL, NOT_A_FACE = "cannot_tell", "not_a_face"
CORRECTION_CHOICES = [*EMOTION_CHOICES, (CANNOT_TELL, _("Cannot tell")), (NOT_A_FACE, _("Not a face"))]
CORRECTIONS = [value for value, _ in CORRECTION_CHOICES]
"""What a person can say of a face: its expression, that they cannot tell it, or that there is no face."""


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def owned_by(self, user: models.Model) -> Self:
        return self.filter(by=user)

    def consented(self) -> Self:
        """Corrections made for training, under a consent that is still active; staff see no others."""
        return self.filter(consent__isnull=False, consent__withdrawn_at=None)

    def training_pool(self) -> Self:
        """Approved corrections for training, without those of users being deleted, who are inactive."""
        return self.approved().filter(emotion__in=[str(emotion) for emotion in EMOTIONS])

    def approved(self) -> Self:
        """Approved corrections, "not a face" too, without those of users being deleted."""
        return self.consented().filter(status=Correction.Status.APPROVED, by__is_active=True)

    def pending_first(self) -> Self:
        # "pending" sorts between the other two states.
        is_reviewed = models.Case(models.When(status=Correction.Status.PENDING, then=0), default=1)
        return self.order_by(is_reviewed, "created_at", "pk")


class Correction(models.Model):
    """The expression of a face according to its owner, or `CANNOT_TELL` or `NOT_A_FACE`; at most one for each face.

    `said` is the expression that was recognized, by the version `model`. A correction is never edited but replaced by a
    new row, so that a reviewer never approves another emotion than the one displayed. `consent` is the consent to
    training that it was made under, None for one that was made for its result only: a consent given later does not
    publish it.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting for review")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    face = models.OneToOneField(Face, on_delete=models.CASCADE, related_name="correction")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="corrections")
    emotion = models.CharField(_("corrected to"), max_length=11, choices=CORRECTION_CHOICES)
    said = models.CharField(_("recognized as"), max_length=8, choices=EMOTION_CHOICES)
    model = models.CharField(_("version"), max_length=100)
    consent = models.ForeignKey(Consent, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.PENDING)
    created_at = models.DateTimeField(_("corrected at"), default=timezone.now)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reviewed by"),
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints = [
            models.CheckConstraint(condition=Q(emotion__in=CORRECTIONS), name="correction_known"),
            models.CheckConstraint(
                condition=Q(status="pending", reviewed_at=None)
                | Q(status__in=["approved", "rejected"], reviewed_at__isnull=False),
                name="correction_reviewed_at",
            ),
        ]
        indexes = [models.Index(fields=["status", "created_at"], name="correction_to_review")]

    def __str__(self) -> str:
        return f"{self.said} corrected to {self.emotion}"

    @property
    def is_for_training(self) -> bool:
        """Whether reviewers see it and, once approved, networks may be trained on it."""
        return self.consent is not None and self.consent.withdrawn_at is None
