"""Sessions of signed-in browsers, in the database, which may be full, locked or read-only."""

from __future__ import annotations

import logging

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from ferproject.storage_errors import storage_error

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
logger = logging.getLogger(__name__)


class SessionStore(db.SessionStore):
    def save(self, must_create: bool = False) -> None:
        """Save the session; raise the database's own error where Django's says that the session was deleted."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if storage_error(error.__context__) is not None:
                raise error.__context__ from None  # type: ignore[misc]
            raise


class ForgivingSessionMiddleware(SessionMiddleware):
    """Serves a page view whose session cannot be saved; after other requests such an error is raised."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except OperationalError as error:
            if request.method not in SAFE_METHODS or storage_error(error) is None:
                raise
            logger.warning("The session of %s could not be saved: %s", request.path, error)
            return response
