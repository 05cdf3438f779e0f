"""Authentication of API requests, by token or by the browser's session."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from knox import auth
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.tokens.services import find_token, mark_used


class TokenAuthentication(auth.TokenAuthentication):
    """`Authorization: Token fer_...`; unlike Knox's, it does not delete expired tokens, which their owner can see."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        found = find_token(secret=token.decode("ascii", "replace"))
        if found is None:
            raise AuthenticationFailed(gettext("This token is unknown, expired or revoked."), "bad_token")
        mark_used(token=found)
        # TimeZoneMiddleware runs before the user is known; it deactivates this zone after the response.
        timezone.activate(found.user.zone)
        return found.user, found


class SessionAuthentication(authentication.SessionAuthentication):
    def enforce_csrf(self, request: HttpRequest | Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            message = gettext("%(reason)s Send the value of the cookie %(cookie)s as X-CSRFToken, or use a token.")
            values = {"reason": error.detail, "cookie": settings.CSRF_COOKIE_NAME}
            raise PermissionDenied(message % values, "csrf_failed") from error
