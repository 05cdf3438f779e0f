"""Languages of scripts, whose texts are a file that browsers keep until they change, and of emails."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import check_for_language, get_language, to_locale
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog


@require_safe
@cache_control(public=True, max_age=365 * 24 * 3600, immutable=True)
def javascript_catalog(request: HttpRequest) -> HttpResponse:
    """Django's catalog of `?language=`, for `static/js/shared/i18n.js`; `?version=` makes the address of others new."""
    language = request.GET.get("language", settings.LANGUAGE_CODE)
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        # The texts of the admin's own scripts have a catalog of their own.
        return JavaScriptCatalog.as_view(packages=["analysis"])(request)


def catalog(request: HttpRequest) -> dict[str, Any]:
    """Return `catalog_url`, the address of `javascript_catalog` in the active language; a context processor."""
    language = get_language() or settings.LANGUAGE_CODE
    query = urlencode({"language": language, "version": _version(language)})
    return {"catalog_url": f"{reverse('javascript-catalog')}?{query}"}


@contextmanager
def written_for(user: Any) -> Iterator[None]:
    """Activate the language that the user chose, unless they chose none, and their time zone: for emails to them."""
    language = user.language if check_for_language(user.language) else get_language()
    with translation.override(language), timezone.override(user.zone):
        yield


@lru_cache
def _version(language: str) -> str:
    file = Path(settings.LOCALE_PATHS[0], to_locale(language), "LC_MESSAGES", "djangojs.mo")
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.exists() else "0"
