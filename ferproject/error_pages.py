"""Error handlers for errors outside views: JSON under /api/ and for scripts, else pages."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views import defaults

from ferproject.errors import RETRY_AFTER_SECONDS, http_status
from ferproject.storage_errors import StorageError, storage_error

logger = logging.getLogger(__name__)


def _handler(
    page: Callable[..., HttpResponse], status: int, code: str, message: Promise
) -> Callable[..., HttpResponse]:
    def handle(request: HttpRequest, *args: Exception, **kwargs: Exception) -> HttpResponse:
        if request.path.startswith("/api/"):
            return JsonResponse({"code": code, "message": str(message), "errors": {}}, status=status)
        return page(request, *args, **kwargs)

    return handle


bad_request = _handler(
    defaults.bad_request, 400, "bad_request", _("The request is damaged or too large, and was not processed.")
)
permission_denied = _handler(defaults.permission_denied, 403, "forbidden", _("You do not have permission for this."))
page_not_found = _handler(defaults.page_not_found, 404, "not_found", _("It does not exist, or it is not yours."))
_bug = _handler(
    defaults.server_error, 500, "server_error", _("Something went wrong on the server. The details are in its log.")
)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return 507 or 503 where the disk or the database failed, else 500.

    As Django's handler it sees the errors of middleware, too, which middleware further out does not.
    """
    error = storage_error(sys.exc_info()[1])
    return _bug(request) if error is None else storage_response(request, error)


def storage_response(request: HttpRequest, error: StorageError) -> HttpResponse:
    """Return the error as JSON or as a page that needs no database, with Retry-After."""
    status, headers = http_status(error), {"Retry-After": str(RETRY_AFTER_SECONDS)}
    response: HttpResponse
    if request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", ""):
        body = {"code": error.code, "message": error.message, "errors": {}, "retryable": True}
        response = JsonResponse(body, status=status, headers=headers)
    else:
        response = HttpResponse(
            render_to_string("storage_error.html", {"error": error}), status=status, headers=headers
        )
    logger.warning("%s %s: %s (%s)", request.method, request.path, error.code, sys.exc_info()[1] or error)
    # Django would log a traceback for each, on a disk that may be full.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
