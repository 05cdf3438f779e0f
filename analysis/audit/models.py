"""The audit log."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


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

    at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("actor"),
    )
    pseudonym = models.CharField(
        _("pseudonym"), max_length=40, blank=True, help_text=_("Replaces an actor whose account was deleted.")
    )
    action = models.CharField(_("action"), max_length=40)
    subject = models.CharField(_("subject"), max_length=200)
    reason = models.TextField(_("reason"), blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"

    @property
    @admin.display(description=_("actor"), ordering="actor__email")
    def who(self) -> str:
        """The actor, the pseudonym of a deleted one, or the program."""
        return str(self.actor) if self.actor else self.pseudonym or gettext("The program")

    @property
    @admin.display(description=_("action"), ordering="action")
    def what(self) -> str:
        """The action in words."""
        return str(ACTIONS.get(self.action, self.action))


ACTIONS = {
    AuditEntry.PROMOTED: _("promoted"),
    AuditEntry.ROLLED_BACK: _("rolled back"),
    AuditEntry.VERSION_DELETED: _("version deleted"),
    AuditEntry.VERSION_EXPORTED: _("version exported"),
    AuditEntry.VERSION_IMPORTED: _("version imported"),
    AuditEntry.CORRECTION_REVIEWED: _("correction reviewed"),
    AuditEntry.VIEWED: _("viewed"),
    AuditEntry.EXPORTED: _("exported"),
    AuditEntry.PHOTO_DELETED: _("photo deleted"),
    AuditEntry.ACCOUNT_DELETED: _("account deleted"),
    AuditEntry.SHARED: _("shared"),
    AuditEntry.SHARE_REVOKED: _("shared link revoked"),
    AuditEntry.WEBHOOK_ADDED: _("webhook added"),
    AuditEntry.WEBHOOK_CHANGED: _("webhook changed"),
    AuditEntry.WEBHOOK_DELETED: _("webhook deleted"),
}
"""Actions in words."""
