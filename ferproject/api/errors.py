"""Exception handler of the API: every error has the shape `{"code", "message", "errors"}`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from ferproject.api.exceptions import Refusal
from ferproject.api.throttles import AddressThrottle
from ferproject.errors import RETRY_AFTER_SECONDS, SENDABLE, CodedError, http_status

_FRAMEWORK_CODES: dict[type[Exception], str] = {
    exceptions.NotAuthenticated: "not_signed_in",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.ParseError: "malformed",
    exceptions.Throttled: "throttled",
}


@dataclass(frozen=True)
class Failure:
    """What is answered; `retry_after` is in seconds, None where a retry changes nothing."""

    status: int
    code: str
    message: str
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    retry_after: int | None = None

    @property
    def body(self) -> dict[str, Any]:
        body = {"code": self.code, "message": self.message, "errors": dict(self.errors)}
        return body if self.retry_after is None else {**body, "retryable": True}


def answer_error(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer what a view raised; None for a fault of ours, which is logged and answered as a 500."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    error = _slowed_down(error, context)
    failure = _describe(error, context)
    if failure is None:
        return None
    headers = {} if failure.retry_after is None else {"Retry-After": str(failure.retry_after)}
    if failure.status == HTTPStatus.UNAUTHORIZED and getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    return Response(failure.body, status=failure.status, headers=headers)


def _slowed_down(error: Exception, context: Mapping[str, Any]) -> Exception:
    """Count refused strangers too: the framework refuses them before it looks at the throttles."""
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        throttle = AddressThrottle()
        if not throttle.allow_stranger(context["request"]):
            return exceptions.Throttled(throttle.wait())
    return error


def _describe(error: Exception, context: Mapping[str, Any]) -> Failure | None:
    if isinstance(error, tuple(SENDABLE)):
        return _of_service(error)
    if isinstance(error, exceptions.ValidationError):
        return _of_validation(error)
    if isinstance(error, exceptions.APIException):
        return _of_framework(error, context)
    return None


def _of_service(error: CodedError) -> Failure:
    retry_after = RETRY_AFTER_SECONDS if getattr(error, "retryable", False) else None
    return Failure(int(http_status(error)), error.code, error.message, retry_after=retry_after)


def _of_validation(error: exceptions.ValidationError) -> Failure:
    errors: dict[str, list[str]] = {}
    for name, message in _flatten(error.detail):
        errors.setdefault(name, []).append(message)
    said = " ".join(f"{name}: {' '.join(messages)}" for name, messages in errors.items())
    return Failure(error.status_code, "invalid", f"The request was not understood. {said}", errors)


def _of_framework(error: exceptions.APIException, context: Mapping[str, Any]) -> Failure:
    code = _FRAMEWORK_CODES.get(type(error)) or str(error.get_codes())
    message = str(error.detail)
    retry_after = None
    if isinstance(error, exceptions.Throttled):
        retry_after = max(1, round(error.wait or 1))
        message = f"Too many requests. Expected a pause of {retry_after} s before the next one."
    elif isinstance(error, Refusal) and error.retryable:
        retry_after = RETRY_AFTER_SECONDS
    elif isinstance(error, exceptions.MethodNotAllowed):
        expected = ", ".join(context["view"].allowed_methods)
        message = f"Expected one of the methods {expected}; got {context['request'].method}."
    elif isinstance(error, exceptions.NotAuthenticated):
        message = "Sign in, or send a token made at /account/tokens/ as `Authorization: Token fer_...`."
    elif isinstance(error, exceptions.NotFound):
        message = "There is no such thing here, or it is not yours."
    return Failure(error.status_code, code, message, retry_after=retry_after)


def _flatten(detail: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield (dotted field, message) of the framework's nested lists and dictionaries."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            own = "" if key == "non_field_errors" else str(key)
            yield from _flatten(inner, f"{name}.{own}".strip("."))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flatten(inner, name)
    else:
        yield name or "request", str(detail)
