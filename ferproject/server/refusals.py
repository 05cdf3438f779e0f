"""Error responses that the server writes itself, before Django sees the request or while it is still arriving."""

from __future__ import annotations

import json
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from ferproject.errors import RETRY_AFTER_SECONDS, ServiceError, http_status

TITLES = {
    "too_large": _("The file is too large"),
    "request_timeout": _("The request took too long"),
    "too_many_connections": _("Too many connections"),
    "too_many_waiting": _("Too many requests"),
    "busy": _("The site is busy"),
}
"""Headings of the pages, by code; in the site's language, because only Django knows the person's."""
SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "X-Content-Type-Options": "nosniff",
}
"""Of responses that Django does not see."""
if settings.SECURE_HSTS_SECONDS:
    _SUBDOMAINS = "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
    SECURITY_HEADERS["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}{_SUBDOMAINS}"


def refusal_response(error: ServiceError, *, path: bytes, accept: bytes) -> bytes:
    """Return a whole HTTP response, after which the connection is closed: JSON for the API and scripts, else a page."""
    if path.startswith(b"/api/") or b"json" in accept:
        content = {"code": error.code, "message": error.message, "errors": {}}
        kind, text = "application/json", json.dumps(content | ({"retryable": True} if error.retryable else {}))
    else:
        kind = "text/html; charset=utf-8"
        text = _page(str(TITLES[error.code]), error.message)
    status, body = http_status(error), text.encode()
    headers = {"Content-Type": kind, "Content-Length": len(body), "Connection": "close", **SECURITY_HEADERS}
    if error.retryable:
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status.value} {status.phrase}\r\n{head}\r\n".encode() + body


@lru_cache(maxsize=32)
def _page(title: str, message: str) -> str:
    """Return the page of an error; stored, because a flood of connections gets it a thousand times a second."""
    return render_to_string("refused.html", {"title": title, "message": message})
