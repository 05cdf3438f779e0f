"""The chosen appearance, light, dark or as the system, in a cookie that `static/js/shared/theme.js` writes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import pgettext_lazy

COOKIE = f"{settings.COOKIE_PREFIX}theme"
THEMES = {
    "system": pgettext_lazy("appearance", "System"),
    "light": pgettext_lazy("appearance", "Light"),
    "dark": pgettext_lazy("appearance", "Dark"),
}


def appearance(request: HttpRequest) -> dict[str, Any]:
    """Return `theme`, one of `THEMES`; a context processor."""
    chosen = request.COOKIES.get(COOKIE)
    return {"theme": chosen if chosen in THEMES else "system", "themes": THEMES, "theme_cookie": COOKIE}
