"""The security log."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

KEPT_FOR = dt.timedelta(days=365)
BY_ADMINISTRATOR = ", by an administrator"
"""End of the detail of what an administrator did."""


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
        SIGNED_IN = "signed_in", _("Signed in")
        SIGNED_IN_NEW_BROWSER = "signed_in_new_browser", _("Signed in from a new browser")
        SIGN_IN_FAILED = "sign_in_failed", _("Wrong password")
        SECOND_FACTOR_FAILED = "second_factor_failed", _("Wrong code or passkey")
        SIGNED_OUT = "signed_out", _("Signed out")
        SESSION_ENDED = "session_ended", _("Signed out in another browser")
        PASSWORD_CHANGED = "password_changed", _("Password changed")
        PASSWORD_RESET_SENT = "password_reset_sent", _("Link to reset the password sent")
        PASSWORD_RESET = "password_reset", _("Password reset with a link")
        EMAIL_ADDED = "email_added", _("Email address added")
        EMAIL_CONFIRMED = "email_confirmed", _("Email address confirmed")
        EMAIL_CHANGED = "email_changed", _("Email address for signing in changed")
        EMAIL_REMOVED = "email_removed", _("Email address removed")
        FACTOR_ADDED = "factor_added", _("Two-step verification: method added")
        FACTOR_REMOVED = "factor_removed", _("Two-step verification: method removed")
        FACTOR_RENEWED = "factor_renewed", _("New recovery codes created")
        TOKEN_CREATED = "token_created", _("API token created")
        TOKEN_REVOKED = "token_revoked", _("API token revoked")
        CHANGED_BY_ADMINISTRATOR = "changed_by_administrator", _("Account changed by an administrator")

    FACTOR_KINDS = (Kind.FACTOR_ADDED, Kind.FACTOR_REMOVED, Kind.FACTOR_RENEWED)

    at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="security_events",
        verbose_name=_("user"),
    )
    kind = models.CharField(_("event"), max_length=30, choices=Kind)
    detail = models.CharField(
        _("details"), max_length=254, blank=True, help_text=_("For example the token’s name or the new address.")
    )
    ip = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    user_agent = models.CharField(_("browser"), max_length=200, blank=True)

    objects = SecurityEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        indexes = [models.Index(fields=["user", "-at"], name="security_event_user_at")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.user or gettext('no account')}"

    @property
    def shown_detail(self) -> str:
        """The detail in the active language: kinds of factors are stored in English."""
        detail = self.detail.removesuffix(BY_ADMINISTRATOR)
        shown = gettext(detail) if self.kind in self.FACTOR_KINDS and detail else detail
        if detail != self.detail:
            return gettext("%(detail)s, by an administrator") % {"detail": shown}
        return shown
