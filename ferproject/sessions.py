"""Sessions of signed-in browsers, in the database, which may be full, locked or read-only."""

from __future__ import annotations

import datetime as dt
import logging
import time
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse

from ferproject.storage_errors import storage_error

BEGAN = "began"
"""Key of the time at which a session began, in seconds."""
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
logger = logging.getLogger(__name__)


class SessionStore(db.SessionStore):
    """Sessions that end `SESSION_COOKIE_AGE` after the sign-in or the last confirmation of the password."""

    def cycle_key(self) -> None:
        """Renew the key and begin the session's time anew; signing in and confirming the password do so."""
        self.pop(BEGAN, None)
        super().cycle_key()

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        began = data.setdefault(BEGAN, time.time())
        row = super().create_model_instance(data)
        end = dt.datetime.fromtimestamp(began + settings.SESSION_COOKIE_AGE, dt.UTC)
        row.expire_date = min(row.expire_date, end)
        return row

    def save(self, must_create: bool = False) -> None:
        """Save the session; raise the database's own error where Django's says that the session was deleted."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if storage_error(error.__context__) is not None:
                raise error.__context__ from error.__context__.__cause__  # type: ignore[misc,union-attr]
            raise


class ForgivingSessionMiddleware(SessionMiddleware):
    """Serves a page view whose session cannot be saved; after other requests such an error is raised."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except (DatabaseError, InterfaceError) as error:
            if request.method not in SAFE_METHODS or storage_error(error) is None:
                raise
            logger.warning("The session of %s could not be saved: %s", request.path, error)
            return response
