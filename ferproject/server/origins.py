"""Origin check of WebSockets: allows this site's own pages and those that CSRF_TRUSTED_ORIGINS lists."""

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
    """Allows a page whose origin is the host it connects to, if that host is allowed, or a trusted origin.

    Channels' own validator checks ALLOWED_HOSTS only: where that is "*", any page could use its visitor's cookie. A
    request with a token and without an Origin header does not come from a browser and is allowed. Behind HTTPS, only
    requests that came by it are.
    """

    def __init__(self, application: Application, reject: Application) -> None:
        self._reject = reject
        # Django writes "https://*.example.org" where Channels writes "https://.example.org".
        super().__init__(application, [origin.replace("*.", ".") for origin in settings.CSRF_TRUSTED_ORIGINS])

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        application = self.application if self._is_allowed(scope) else self._reject
        await application(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
        if settings.BEHIND_HTTPS and _headers(scope, b"x-forwarded-proto") != ["https"]:
            return False
        origins = _headers(scope, b"origin")
        if not origins:
            return token_from_header(scope) is not None
        origin = _parse_origin(origins[0]) if len(origins) == 1 else None
        return origin is not None and (_is_own(origin, scope) or self.validate_origin(origin))


def token_from_header(scope: Scope) -> str | None:
    """Return the secret in `Authorization: Token ...`, None without such a header."""
    for name, value in scope.get("headers", []):
        scheme, _, secret = value.partition(b" ")
        if name == b"authorization" and scheme.lower() == b"token":
            return secret.strip().decode("ascii", "replace")
    return None


def _is_own(origin: ParseResult, scope: Scope) -> bool:
    hosts = _headers(scope, b"host")
    if origin.scheme != ("https" if settings.BEHIND_HTTPS else "http") or len(hosts) != 1:
        return False
    domain, _ = split_domain_port(hosts[0])
    is_allowed = bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
    return is_allowed and hosts[0].lower() == origin.netloc.lower()


def _parse_origin(origin: str) -> ParseResult | None:
    try:
        parsed = urlparse(origin)
        # `port` raises ValueError if it is not a number.
        return parsed if parsed.hostname and parsed.port != -1 else None
    except ValueError:
        return None


def _headers(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin1") for key, value in scope.get("headers", []) if key == name]
