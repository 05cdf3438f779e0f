"""Who asks: by a token in the header, or by the site's own session."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from knox import auth
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.tokens import services as tokens

MAX_LENGTH = 200


class TokenAuthentication(auth.TokenAuthentication):
    """`Authorization: Token fer_...`; expired tokens stay in their owner's list until they are removed there."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        found = tokens.find_token(secret=token.decode("ascii", "replace")) if len(token) <= MAX_LENGTH else None
        if found is None:
            raise AuthenticationFailed("This token is unknown, expired or revoked.", "bad_token")
        tokens.mark_used(token=found)
        # The middleware, which did not know the user yet, deactivates it after the answer.
        timezone.activate(found.user.zone)
        return found.user, found


class SessionAuthentication(authentication.SessionAuthentication):
    def enforce_csrf(self, request: HttpRequest | Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            message = f"{error.detail} Send the csrftoken cookie's value as X-CSRFToken, or use a token."
            raise PermissionDenied(message, "csrf_failed") from error
