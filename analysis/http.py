"""Responses that are JSON for the scripts of pages, and HTML or a redirect for plain forms."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext

from analysis.errors import PhotoError
from analysis.recognition.errors import RecognitionError
from ferproject.errors import RETRY_AFTER_SECONDS, ServiceError, http_status, translated_message


def error_json(error: RecognitionError | ServiceError) -> JsonResponse:
    """Return an error as JSON, with the status of its code."""
    content = {"code": error.code, "message": translated_message(error), "errors": {}, "retryable": error.retryable}
    if (received := getattr(error, "received", None)) is not None:
        content["received"] = received
    return JsonResponse(content, status=http_status(error))


def error_response(
    request: HttpRequest,
    error: RecognitionError | ServiceError,
    template: str,
    context: Callable[[HttpRequest], dict[str, Any]],
) -> HttpResponse:
    """Return an error as JSON for a script, else the form's page with the error as `refusal`."""
    response: HttpResponse
    if wants_json(request):
        response = error_json(error)
    else:
        refusal = {"code": error.code, "message": translated_message(error)}
        response = render(request, template, {**context(request), "refusal": refusal}, status=http_status(error))
    if error.retryable:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """`login_required` that responds to scripts with a JSON error instead of a redirect."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated and wants_json(request):
            return error_json(PhotoError("not_signed_in", gettext("Your session has ended. Sign in again.")))
        return login_required(view)(request, *args, **kwargs)

    return wrapped
