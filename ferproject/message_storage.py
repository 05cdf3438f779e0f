"""Messages to the next page, in a cookie that is named as the site's other ones are."""

from __future__ import annotations

from django.conf import settings
from django.contrib.messages.storage import cookie, fallback, session


class CookieStorage(cookie.CookieStorage):
    cookie_name = f"{settings.COOKIE_PREFIX}messages"


class MessageStorage(fallback.FallbackStorage):
    storage_classes = (CookieStorage, session.SessionStorage)
