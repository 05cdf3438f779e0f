"""Exception handler of the API: every error has the shape `{"code", "message", "errors"}`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from ferproject.api.throttles import AddressThrottle
from ferproject.errors import RETRY_AFTER_SECONDS, SENDABLE, http_status, translated_message

_FRAMEWORK_CODES: dict[type[Exception], str] = {
    exceptions.NotAuthenticated: "not_signed_in",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.ParseError: "malformed",
    exceptions.Throttled: "throttled",
}


def handle_exception(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the response to an error raised by a view; None for an unexpected one, which Django logs as a 500."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    elif isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        # DRF authenticates before it throttles, so failed sign-ins are counted here.
        throttle = AddressThrottle()
        if not throttle.allow_unauthenticated(context["request"]):
            error = exceptions.Throttled(throttle.wait())
    if isinstance(error, tuple(SENDABLE)):
        retry_after = RETRY_AFTER_SECONDS if getattr(error, "retryable", False) else None
        return _response(http_status(error), error.code, translated_message(error), retry_after=retry_after)
    if isinstance(error, exceptions.ValidationError):
        return _validation_response(error)
    return _framework_response(error, context) if isinstance(error, exceptions.APIException) else None


def _response(
    status: int,
    code: str,
    message: str,
    *,
    errors: Mapping[str, list[str]] | None = None,
    retry_after: int | None = None,
) -> Response:
    body: dict[str, Any] = {"code": code, "message": message, "errors": errors or {}}
    if retry_after is None:
        return Response(body, status=status)
    return Response({**body, "retryable": True}, status=status, headers={"Retry-After": str(retry_after)})


def _validation_response(error: exceptions.ValidationError) -> Response:
    errors: dict[str, list[str]] = {}
    for name, message in _flatten(error.detail):
        errors.setdefault(name, []).append(message)
    listed = " ".join(f"{name}: {' '.join(messages)}" for name, messages in errors.items())
    return _response(
        error.status_code, "invalid", _("The request is not valid. %(errors)s") % {"errors": listed}, errors=errors
    )


def _framework_response(error: exceptions.APIException, context: Mapping[str, Any]) -> Response:
    code = _FRAMEWORK_CODES.get(type(error)) or str(error.get_codes())
    message = str(error.detail)
    retry_after = None
    if isinstance(error, exceptions.Throttled):
        retry_after = max(1, round(error.wait or 1))
        message = _("Too many requests. Wait %(seconds)s s before the next one.") % {"seconds": retry_after}
    elif isinstance(error, exceptions.MethodNotAllowed):
        expected = ", ".join(context["view"].allowed_methods)
        message = _("Expected one of the methods %(expected)s; got %(method)s.") % {
            "expected": expected,
            "method": context["request"].method,
        }
    elif isinstance(error, exceptions.NotAuthenticated):
        message = _("Sign in, or create a token at /account/tokens/ and send it as `Authorization: Token fer_...`.")
    elif isinstance(error, exceptions.NotFound):
        message = _("It does not exist, or it is not yours.")
    response = _response(error.status_code, code, message, retry_after=retry_after)
    if error.status_code == HTTPStatus.UNAUTHORIZED and (challenge := getattr(error, "auth_header", None)):
        response.headers["WWW-Authenticate"] = challenge
    return response


def _flatten(detail: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield (dotted field name, message) for each error in DRF's nested lists and dictionaries."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            own = "" if key == "non_field_errors" else str(key)
            yield from _flatten(inner, f"{name}.{own}".strip("."))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flatten(inner, name)
    else:
        yield name or "request", str(detail)
