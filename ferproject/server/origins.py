"""Which pages may open a WebSocket: this site's own, and those that CSRF_TRUSTED_ORIGINS names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import ParseResult, urlparse

from channels.security.websocket import OriginValidator
from django.conf import settings
from django.http.request import split_domain_port, validate_host

Scope = dict[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]


class OwnOriginValidator(OriginValidator):
    """Lets a page in whose origin is the very host it connects to, an allowed one, or a trusted one.

    Channels' own goes by ALLOWED_HOSTS alone: where that is "*", any page could use its visitor's cookie here. A
    program that brings a token and no Origin has nothing of a browser's to abuse, and passes.
    """

    def __init__(self, application: Application, refuse: Application) -> None:
        self._refuse = refuse
        # Django writes "https://*.example.org" where Channels writes "https://.example.org".
        super().__init__(application, [origin.replace("*.", ".") for origin in settings.CSRF_TRUSTED_ORIGINS])

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        application = self.application if self._may_pass(scope) else self._refuse
        await application(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        origins = _headers(scope, b"origin")
        if not origins:
            return token_of(scope) is not None
        origin = _parsed(origins[0]) if len(origins) == 1 else None
        return origin is not None and (_is_own(origin, scope) or self.validate_origin(origin))


def token_of(scope: Scope) -> str | None:
    """Return the secret in `Authorization: Token ...`; None where there is no such header."""
    for name, value in scope.get("headers", []):
        kind, _, secret = value.partition(b" ")
        if name == b"authorization" and kind.lower() == b"token":
            return secret.strip().decode("ascii", "replace")
    return None


def _is_own(origin: ParseResult, scope: Scope) -> bool:
    if origin.scheme != ("https" if settings.BEHIND_HTTPS else "http"):
        return False
    hosts = _headers(scope, b"host")
    return len(hosts) == 1 and hosts[0].lower() == origin.netloc.lower() and _is_allowed_host(hosts[0])


def _is_allowed_host(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _parsed(origin: str) -> ParseResult | None:
    try:
        parsed = urlparse(origin)
        return parsed if parsed.hostname and parsed.port != -1 else None
    except ValueError:
        return None


def _headers(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin1") for key, value in scope.get("headers", []) if key == name]
