"""JSON responses for scripts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse

from analysis.errors import PhotoError
from analysis.recognition.errors import RecognitionError
from ferproject.errors import ServiceError, http_status


def error_json(error: RecognitionError | ServiceError, **details: Any) -> JsonResponse:
    """Return an error as JSON with the status that its code maps to; `details` are added to the content."""
    content = {"code": error.code, "message": error.message, "errors": {}, "retryable": error.retryable, **details}
    return JsonResponse(content, status=http_status(error))


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
