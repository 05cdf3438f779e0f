"""The security log."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils import timezone

KEPT_FOR = dt.timedelta(days=365)


class SecurityEventQuerySet(models.QuerySet["SecurityEvent"]):
    def of(self, user: models.Model) -> SecurityEventQuerySet:
        return self.filter(user=user)

    def newest_first(self) -> SecurityEventQuerySet:
        return self.order_by("-at", "-pk")

    def expired(self) -> SecurityEventQuerySet:
        return self.filter(at__lt=timezone.now() - KEPT_FOR)


class SecurityEvent(models.Model):
    """A sign-in, a failed one, or a change of what lets people in; `user` is None for an address without an account.

    The address typed at a failed sign-in is not stored: people type passwords there.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", "Signed in"
        SIGNED_IN_NEW_BROWSER = "signed_in_new_browser", "Signed in from a new browser"
        SIGN_IN_FAILED = "sign_in_failed", "Wrong password"
        SECOND_FACTOR_FAILED = "second_factor_failed", "Wrong code or passkey"
        SIGNED_OUT = "signed_out", "Signed out"
        SESSION_ENDED = "session_ended", "Another session ended"
        PASSWORD_CHANGED = "password_changed", "Password changed"
        PASSWORD_RESET_SENT = "password_reset_sent", "Link to reset the password sent"
        PASSWORD_RESET = "password_reset", "Password reset with a link"
        EMAIL_ADDED = "email_added", "Email address added"
        EMAIL_CONFIRMED = "email_confirmed", "Email address confirmed"
        EMAIL_CHANGED = "email_changed", "Email address to sign in with changed"
        EMAIL_REMOVED = "email_removed", "Email address removed"
        FACTOR_ADDED = "factor_added", "Second step added"
        FACTOR_REMOVED = "factor_removed", "Second step removed"
        FACTOR_RENEWED = "factor_renewed", "New recovery codes made"
        TOKEN_CREATED = "token_created", "API token made"
        TOKEN_REVOKED = "token_revoked", "API token revoked"
        CHANGED_BY_ADMINISTRATOR = "changed_by_administrator", "Account changed by an administrator"

    at = models.DateTimeField(default=timezone.now, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="security_events"
    )
    kind = models.CharField(max_length=30, choices=Kind)
    detail = models.CharField(max_length=254, blank=True, help_text="Such as the token's name or the new address.")
    ip = models.GenericIPAddressField("IP address", null=True, blank=True)
    user_agent = models.CharField("browser", max_length=200, blank=True)

    objects = SecurityEventQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "-at"], name="security_event_user_at")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.user or 'nobody'}"
