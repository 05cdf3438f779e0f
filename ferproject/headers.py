"""Headers of every response."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

CACHED_TYPES = ("image/", "video/")
"""A user's pictures and videos may stay in their browser's cache, which asks again each time (`private, no-cache`)."""


class SecurityHeadersMiddleware(MiddlewareMixin):
    """Sets the headers that Django has no setting for, and `no-store` on everything else a signed-in user receives."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if getattr(request, "signed_out", False):
            # Pictures in the cache, choices of scripts, photos shared to the site that nobody added.
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated and not _is_cached(response):
            response.headers["Cache-Control"] = "no-store, private"
        return response


def _is_cached(response: HttpResponse) -> bool:
    # A response 304 has no type; it has the header of the response that it confirms.
    if "immutable" in response.headers.get("Cache-Control", ""):
        return True
    kind = response.headers.get("Content-Type", "")
    return "Cache-Control" in response.headers and (kind.startswith(CACHED_TYPES) or response.status_code == 304)
