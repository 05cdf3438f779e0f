"""The audit log."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.db import models
from django.utils import timezone


class AuditEntry(models.Model):
    """An action of a user or of the program, never deleted; `actor` is None for the program and for deleted users."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    VERSION_DELETED = "version_deleted"
    VERSION_EXPORTED = "version_exported"
    VERSION_IMPORTED = "version_imported"
    CORRECTION_REVIEWED = "correction_reviewed"
    VIEWED = "viewed"
    EXPORTED = "exported"
    PHOTO_DELETED = "photo_deleted"
    ACCOUNT_DELETED = "account_deleted"
    SHARED = "shared"
    SHARE_REVOKED = "share_revoked"
    WEBHOOK_ADDED = "webhook_added"
    WEBHOOK_CHANGED = "webhook_changed"
    WEBHOOK_DELETED = "webhook_deleted"

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
    @admin.display(ordering="actor__email")
    def who(self) -> str:
        """The actor, the pseudonym of a deleted one, or "the program"."""
        return str(self.actor) if self.actor else self.pseudonym or "the program"

    @property
    @admin.display(ordering="action")
    def what(self) -> str:
        """The action in words."""
        return self.action.replace("_", " ")
