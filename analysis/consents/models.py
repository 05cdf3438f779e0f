"""Consents: one row per user and purpose, kept after withdrawal."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ConsentQuerySet(models.QuerySet["Consent"]):
    def active(self) -> Self:
        """Consents that are not withdrawn."""
        return self.filter(withdrawn_at=None)


class Consent(models.Model):
    """The consent of a user, who has read one version of the notice, to one purpose."""

    class Purpose(models.TextChoices):
        TRAINING = "training", _("Training with your corrections")
        PHOTOS = "photos", _("Photos and videos")
        CAMERA = "camera", _("Live camera")
        TAKEN = "taken", _("Time photos were taken")

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
                condition=Q(purpose__in=["training", "photos", "camera", "taken"]), name="consent_purpose_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} by {self.user_id}, notice {self.notice_version}"
