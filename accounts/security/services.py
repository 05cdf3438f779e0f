"""Record events in the security log."""

from __future__ import annotations

from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.utils import translation

from accounts.security.models import SecurityEvent

Kind = SecurityEvent.Kind


def factor_name(factor: Authenticator | None) -> str:
    """Return a second factor's name for the log, in English whatever the language of the request; "" for none."""
    with translation.override("en"):
        return str(factor or "")


def record_event(*, request: HttpRequest, kind: str, user: object | None, detail: str = "") -> SecurityEvent:
    """Add an event of `user`, None if the account is unknown, with the request's address and browser."""
    return SecurityEvent.objects.create(
        user=user,
        kind=kind,
        detail=detail[:254],
        ip=get_client_ip(request),
        user_agent=request.headers.get("User-Agent", "")[:200],
    )
