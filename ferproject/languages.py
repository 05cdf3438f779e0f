"""The language of a person, of a request and of a WebSocket; the translated texts of scripts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, parse_cookie
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import check_for_language, get_language, get_language_from_request, to_locale
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

YEAR = 365 * 24 * 3600


def chosen_language(user: Any) -> str | None:
    """Return the language that a user chose in their profile; None without one, or if the site has it no longer."""
    language = getattr(user, "language", "")
    return language if language in dict(settings.LANGUAGES) and check_for_language(language) else None


def scope_language(scope: dict[str, Any]) -> str:
    """Return the language of an ASGI scope: the user's, else the cookie's, else the browser's, else the site's."""
    headers = dict(scope.get("headers", ()))
    cookie, accepted = (headers.get(name, b"").decode("latin-1") for name in (b"cookie", b"accept-language"))
    request = SimpleNamespace(COOKIES=parse_cookie(cookie), META={"HTTP_ACCEPT_LANGUAGE": accepted})
    return chosen_language(scope.get("user")) or get_language_from_request(request)  # type: ignore[arg-type]


def save_in_browser(response: HttpResponse, language: str) -> None:
    """Have the browser keep the language for pages without sign-in, as Django's `set_language` does; "" forgets it."""
    name, samesite = settings.LANGUAGE_COOKIE_NAME, settings.LANGUAGE_COOKIE_SAMESITE
    if not language:
        response.delete_cookie(name, samesite=samesite)
        return
    response.set_cookie(
        name,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=samesite,
    )


@require_safe
@cache_control(public=True, max_age=YEAR, immutable=True)
def javascript_catalog(request: HttpRequest) -> HttpResponse:
    """Django's catalog of `?language=`, for `static/js/shared/i18n.js`; `?version=` makes the address of others new."""
    language = request.GET.get("language", settings.LANGUAGE_CODE)
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        # The texts of the admin's own scripts have a catalog of their own.
        return JavaScriptCatalog.as_view(packages=["analysis"])(request)


def catalog(request: HttpRequest) -> dict[str, Any]:
    """Return `catalog_url`, the address of `javascript_catalog` in the active language, and `languages`.

    A context processor.
    """
    language = get_language() or settings.LANGUAGE_CODE
    query = urlencode({"language": language, "version": _version(language)})
    return {"catalog_url": f"{reverse('javascript-catalog')}?{query}", "languages": settings.LANGUAGES}


@contextmanager
def written_for(user: Any) -> Iterator[None]:
    """Activate the language that the user chose, unless they chose none, and their time zone: for emails to them."""
    language = chosen_language(user) or get_language()
    with translation.override(language), timezone.override(user.zone):
        yield


@lru_cache
def _version(language: str) -> str:
    file = Path(settings.LOCALE_PATHS[0], to_locale(language), "LC_MESSAGES", "djangojs.mo")
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.exists() else "0"
