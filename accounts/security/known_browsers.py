"""Signed cookie that names the accounts that signed in with this browser.

It lets nobody in. A browser that signed in to an account before keeps its own count of failed sign-ins, and the
account's owner is told by e-mail about the others.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = f"{settings.COOKIE_PREFIX}known_browser"
SALT = "accounts.known_browser"
# Browsers delete cookies after 400 days at the latest.
MAX_AGE = 400 * 24 * 3600
MAX_ACCOUNTS = 10


@dataclass(frozen=True)
class KnownBrowser:
    """A browser's random `key`, and the ids of the accounts that signed in with it, latest first."""

    key: str
    accounts: tuple[int, ...] = ()

    @classmethod
    def of(cls, request: HttpRequest) -> KnownBrowser:
        """Return the browser that the cookie names, a new one if there is no valid cookie."""
        try:
            key, accounts = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=MAX_AGE)
        except (signing.BadSignature, ValueError, TypeError):
            return cls(secrets.token_urlsafe(16))
        return cls(key, tuple(accounts))


def remember_browser(request: HttpRequest, response: HttpResponse, *, account_id: int) -> None:
    """Set the cookie with this account first."""
    browser = KnownBrowser.of(request)
    accounts = [account_id, *(account for account in browser.accounts if account != account_id)][:MAX_ACCOUNTS]
    response.set_cookie(
        COOKIE,
        signing.dumps([browser.key, accounts], salt=SALT),
        max_age=MAX_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
