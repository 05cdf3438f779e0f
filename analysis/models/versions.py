"""Which model versions exist, which one serves, and who decided so."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def active(self) -> ModelVersion | None:
        """The version that serves; None on a site that never chose one."""
        return self.filter(is_active=True).first()

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class ModelVersion(models.Model):
    """A version whose files may be loaded: `pins` holds the SHA-256 that each of them had when it was registered.

    `card` is a copy of its `card.json`, so that lists and comparisons need no file. `previous` is the version
    that served when this one was promoted, and what rolling back returns to.
    """

    class Origin(models.TextChoices):
        SHIPPED = "shipped"
        TRAINED = "trained"

    name = models.CharField(max_length=64, unique=True)
    origin = models.CharField(max_length=8, choices=Origin.choices)
    pins = models.JSONField()
    card = models.JSONField()
    is_active = models.BooleanField(default=False, editable=False)
    previous = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    activated_at = models.DateTimeField(null=True, blank=True)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_active"], condition=Q(is_active=True), name="version_one_active"),
            models.CheckConstraint(condition=Q(origin__in=["shipped", "trained"]), name="version_origin_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_shipped(self) -> bool:
        return self.origin == self.Origin.SHIPPED


class AuditEntry(models.Model):
    """Something staff or the program decided, kept for good; `actor` is None for the program and for who left."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    VERSION_DELETED = "version_deleted"
    CORRECTION_REVIEWED = "correction_reviewed"
    VIEWED = "viewed"
    EXPORTED = "exported"
    PHOTO_DELETED = "photo_deleted"
    ACCOUNT_DELETED = "account_deleted"

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    pseudonym = models.CharField(max_length=40, blank=True, help_text="Stands for an actor whose account is gone.")
    action = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"

    @property
    def who(self) -> str:
        """Whoever did it: somebody, somebody who is gone, or the program itself."""
        return str(self.actor) if self.actor else self.pseudonym or "the program"

    @property
    def what(self) -> str:
        """The action in words."""
        return self.action.replace("_", " ")
