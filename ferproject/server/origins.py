"""Which pages may open a WebSocket: this site's own, and those that CSRF_TRUSTED_ORIGINS names."""

from __future__ import annotations

from typing import Any
from urllib.parse import ParseResult, urlparse

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from accounts.websocket_auth import Application, Scope, token_of
from analysis.live.messages import Close, encode, error


class OwnOriginValidator(OriginValidator):
    """Lets a page in whose origin is the very host it connects to, an allowed one, or a trusted one.

    Channels' own goes by ALLOWED_HOSTS alone: where that is "*", any page could use its visitor's cookie here. A
    program that brings a token and no Origin has nothing of a browser's to abuse, and passes.
    """

    def __init__(self, application: Application) -> None:
        # Django writes "https://*.example.org" where Channels writes "https://.example.org".
        super().__init__(application, [origin.replace("*.", ".") for origin in settings.CSRF_TRUSTED_ORIGINS])

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        application = self.application if self._may_pass(scope) else ForeignOrigin()
        await application(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        origins = _headers(scope, b"origin")
        if not origins:
            return token_of(scope) is not None
        origin = _parsed(origins[0]) if len(origins) == 1 else None
        return origin is not None and (_is_own(origin, scope) or self.validate_origin(origin))


class ForeignOrigin(AsyncWebsocketConsumer):
    """Accepts only to say why it closes: a browser tells its page nothing about a handshake that failed."""

    async def connect(self) -> None:
        await self.accept()
        message = "Connections are taken from this site's own pages; a program sends a token and no Origin."
        await self.send(text_data=encode(error("foreign_origin", message)))
        await self.close(code=int(Close.FOREIGN_ORIGIN), reason="foreign_origin")


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
