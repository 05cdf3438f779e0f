"""What this site changes in django-allauth: who may sign up, how failed sign-ins count, and which e-mails are sent."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Invitation, SiteSettings, User
from accounts.rate_limits import seconds_until_allowed, wait_words
from accounts.security.email_links import refusal_reason
from accounts.security.known_browsers import KnownBrowser, remember_browser
from accounts.security.services import Kind, record_event
from accounts.services import keep_browser_language
from ferproject.languages import written_for
from ferproject.links import with_site_url

SESSION_KEY = "invitation"
SITE_NAME = "Expressions"
FAILURES_OF_KNOWN_BROWSER = {"login_failed": "5/300s/key"}
logger = logging.getLogger(__name__)


def pending_invitation(request: HttpRequest) -> Invitation | None:
    """Return the invitation in the visitor's session if it is still valid."""
    pk = request.session.get(SESSION_KEY)
    return Invitation.objects.pending().filter(pk=pk).first() if pk else None


class AccountAdapter(DefaultAccountAdapter):
    """Applies the site's sign-up policy and its rules for sign-ins and e-mails."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is switched off."),
        "email_password_mismatch": _("The email address or the password is wrong."),
        "enter_current_password": _("Enter your current password."),
        "incorrect_code": _("This code is wrong."),
        "incorrect_password": _("This password is wrong."),
        "invalid_password_reset": _("This link no longer works."),
        "duplicate_email": _("This email address is already in the list."),
        "email_taken": _("An account with this email address already exists."),
        "max_email_addresses": _("You cannot add more than %d email addresses."),
        "same_as_current": _("Choose a new password, not the current one."),
        # Of codes and passkeys, whose count begins anew after the window of `login_failed`.
        **dict.fromkeys(
            ("rate_limited", "too_many_login_attempts"), _("Too many failed attempts. Try again in 5 minutes.")
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        policy = SiteSettings.objects.current().sign_up
        if policy == SiteSettings.SignUp.INVITATION:
            return pending_invitation(request) is not None
        return policy == SiteSettings.SignUp.OPEN

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        # Accounts made in the shell or the admin have no primary address in allauth's table.
        return email_address.email != email_address.user.email and super().can_delete_email(email_address)

    # Sign-in

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt, which a success takes back; raise `ValidationError` after too many failures.

        They count by address and account together, so that nobody locks another out; a browser that signed in to the
        account before has a count of its own, which its neighbours behind the same address do not share either.
        """
        known = self._known_browser_key(request, **credentials)
        action, key = "login_failed", known or self._get_login_attempts_cache_key(request, **credentials)
        config = FAILURES_OF_KNOWN_BROWSER if known else app_settings.RATE_LIMITS
        self._login_failed_rl_usage = ratelimit.consume(
            request, app="allauth.account", action=action, key=key, config=config
        )
        if not self._login_failed_rl_usage:
            wait = seconds_until_allowed(request, action=action, key=key, config=config)
            message = gettext("Too many failed sign-ins. Try again in %(wait)s.") % {"wait": wait_words(wait)}
            raise ValidationError(message, code="too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        record_event(request=request, kind=Kind.SIGN_IN_FAILED, user=_find_user(credentials))

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        is_known = user.pk in KnownBrowser.of(request).accounts
        kind = Kind.SIGNED_IN if is_known or kwargs["signup"] else Kind.SIGNED_IN_NEW_BROWSER
        record_event(request=request, kind=kind, user=user)
        remember_browser(request, response, account_id=user.pk)
        keep_browser_language(user=user, language=request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))
        if kind == Kind.SIGNED_IN_NEW_BROWSER:
            self.send_notification_mail("account/email/new_browser", user)
        return response

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth's key has the request's host name, which attackers choose, and no address.
        return f"{ratelimit.get_ip(request)}:{_email_of(credentials)}"

    def _known_browser_key(self, request: HttpRequest, **credentials: Any) -> str:
        browser, user = KnownBrowser.of(request), _find_user(credentials)
        return f"browser:{browser.key}:{user.pk}" if user is not None and user.pk in browser.accounts else ""

    # E-mail

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send an email in its reader's language.

        One that cannot be sent is only logged: the response must not tell who has an account.
        """
        # allauth would name the site by the host name of the request.
        site = SimpleNamespace(name=SITE_NAME, domain=settings.SITE_URL)
        reader = context.get("user") or _find_user({"email": email})
        try:
            with written_for(reader) if reader else nullcontext():
                super().send_mail(template_prefix, email, {**context, "current_site": site})
        except OSError:
            logger.exception("The email %s could not be sent", template_prefix)

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        if _may_send_links():
            record_event(request=self.request, kind=Kind.PASSWORD_RESET_SENT, user=user)
            super().send_password_reset_mail(user, email, context)

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        if _may_send_links():
            super().send_confirmation_mail(request, emailconfirmation, signup)

    def send_account_already_exists_mail(self, email: str) -> None:
        if _may_send_links():
            url = with_site_url(context.request.build_absolute_uri(reverse("account_reset_password")))
            self.send_mail("account/email/account_already_exists", email, {"password_reset_url": url})

    def get_reset_password_from_key_url(self, key: str) -> str:
        return with_site_url(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return with_site_url(super().get_email_confirmation_url(request, emailconfirmation))


def _may_send_links() -> bool:
    if reason := refusal_reason():
        logger.error("An email with a link was not sent: %s", reason)
    return not reason


def _email_of(credentials: dict[str, Any]) -> str:
    return User.objects.normalize_email(credentials.get("email"))


def _find_user(credentials: dict[str, Any]) -> User | None:
    return User.objects.filter(email=_email_of(credentials)).first()
