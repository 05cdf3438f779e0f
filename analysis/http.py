"""JSON answers for scripts, and the HTTP status of each error code."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse

from analysis.errors import PhotoError
from analysis.recognition.errors import RecognitionError

STATUS = {
    "no_file": HTTPStatus.BAD_REQUEST,
    "empty_file": HTTPStatus.BAD_REQUEST,
    "damaged_image": HTTPStatus.BAD_REQUEST,
    "people_not_asked": HTTPStatus.BAD_REQUEST,
    "not_signed_in": HTTPStatus.UNAUTHORIZED,
    "consent_needed": HTTPStatus.FORBIDDEN,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_many_pixels": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "not_an_image": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "disk_full": HTTPStatus.INSUFFICIENT_STORAGE,
    "quota_reached": HTTPStatus.INSUFFICIENT_STORAGE,
}
"""Whatever is not named here is the server's own trouble: 503."""


RETRY_AFTER_SECONDS = 2


def error_json(error: RecognitionError | PhotoError) -> JsonResponse:
    """Return the site's one shape of error, with the status that its code maps to."""
    content = {"code": error.code, "message": error.message, "errors": {}, "retryable": error.retryable}
    return JsonResponse(content, status=STATUS.get(error.code, HTTPStatus.SERVICE_UNAVAILABLE))


def wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Ask visitors to sign in; a script is told so instead of being sent to a page it cannot read."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated and wants_json(request):
            return error_json(PhotoError("not_signed_in", "Your session has ended; sign in again."))
        return login_required(view)(request, *args, **kwargs)

    return wrapped
