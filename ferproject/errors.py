"""Base class of service errors, and the HTTP status of every error code."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar, Protocol

from django.utils.translation import gettext

from ferproject import numbers

RETRY_AFTER_SECONDS = 2
STATUS = {
    "bad_archive": HTTPStatus.BAD_REQUEST,
    "bad_expiry": HTTPStatus.BAD_REQUEST,
    "box_outside": HTTPStatus.BAD_REQUEST,
    "box_too_small": HTTPStatus.BAD_REQUEST,
    "bad_idempotency_key": HTTPStatus.BAD_REQUEST,
    "bad_name": HTTPStatus.BAD_REQUEST,
    "bad_offset": HTTPStatus.BAD_REQUEST,
    "bad_part": HTTPStatus.BAD_REQUEST,
    "bad_question": HTTPStatus.BAD_REQUEST,
    "bad_range": HTTPStatus.BAD_REQUEST,
    "bad_settings": HTTPStatus.BAD_REQUEST,
    "bad_size": HTTPStatus.BAD_REQUEST,
    "bad_selection": HTTPStatus.BAD_REQUEST,
    "bad_webhook_url": HTTPStatus.BAD_REQUEST,
    "damaged_image": HTTPStatus.BAD_REQUEST,
    "empty_file": HTTPStatus.BAD_REQUEST,
    "name_too_long": HTTPStatus.BAD_REQUEST,
    "no_events": HTTPStatus.BAD_REQUEST,
    "no_file": HTTPStatus.BAD_REQUEST,
    "no_name": HTTPStatus.BAD_REQUEST,
    "no_picture": HTTPStatus.BAD_REQUEST,
    "notes_too_long": HTTPStatus.BAD_REQUEST,
    "people_not_asked": HTTPStatus.BAD_REQUEST,
    "private_address": HTTPStatus.BAD_REQUEST,
    "title_too_long": HTTPStatus.BAD_REQUEST,
    "too_many_buckets": HTTPStatus.BAD_REQUEST,
    "too_many_selected": HTTPStatus.BAD_REQUEST,
    "unknown_emotion": HTTPStatus.BAD_REQUEST,
    "unknown_event": HTTPStatus.BAD_REQUEST,
    "unknown_kind": HTTPStatus.BAD_REQUEST,
    "unknown_source": HTTPStatus.BAD_REQUEST,
    "webhook_unresolved": HTTPStatus.BAD_REQUEST,
    "wrong_password": HTTPStatus.BAD_REQUEST,
    "not_signed_in": HTTPStatus.UNAUTHORIZED,
    "consent_needed": HTTPStatus.FORBIDDEN,
    "link_locked": HTTPStatus.FORBIDDEN,
    "staff_only": HTTPStatus.FORBIDDEN,
    "bad_cursor": HTTPStatus.NOT_FOUND,
    "no_such_album": HTTPStatus.NOT_FOUND,
    "no_such_face": HTTPStatus.NOT_FOUND,
    "no_such_session": HTTPStatus.NOT_FOUND,
    "link_ended": HTTPStatus.GONE,
    "request_timeout": HTTPStatus.REQUEST_TIMEOUT,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_many_pixels": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "not_a_video": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "not_an_image": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "idempotency_key_reused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "reason_needed": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too_costly": HTTPStatus.UNPROCESSABLE_ENTITY,
    "weak_password": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too_many_albums": HTTPStatus.CONFLICT,
    "too_many_attempts": HTTPStatus.TOO_MANY_REQUESTS,
    "too_many_connections": HTTPStatus.TOO_MANY_REQUESTS,
    "too_many_jobs": HTTPStatus.TOO_MANY_REQUESTS,
    "too_many_waiting": HTTPStatus.TOO_MANY_REQUESTS,
    "too_many_videos": HTTPStatus.TOO_MANY_REQUESTS,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "data_missing": HTTPStatus.SERVICE_UNAVAILABLE,
    "data_unreadable": HTTPStatus.SERVICE_UNAVAILABLE,
    "database_absent": HTTPStatus.SERVICE_UNAVAILABLE,
    "database_locked": HTTPStatus.SERVICE_UNAVAILABLE,
    "database_unreadable": HTTPStatus.SERVICE_UNAVAILABLE,
    "files_absent": HTTPStatus.SERVICE_UNAVAILABLE,
    "not_ready": HTTPStatus.SERVICE_UNAVAILABLE,
    "read_only": HTTPStatus.SERVICE_UNAVAILABLE,
    "disk_full": HTTPStatus.INSUFFICIENT_STORAGE,
    "quota_reached": HTTPStatus.INSUFFICIENT_STORAGE,
}
"""HTTP status by error code; other codes have their error's `default_status`."""


class CodedError(Protocol):
    """An error that can be sent to a client, such as `ServiceError` or `RecognitionError`."""

    code: str
    message: str


class ServiceError(Exception):
    """A service refused a request and changed nothing.

    `code` is a stable snake_case name that clients may test, `message` is for the user, and `retryable` is true where
    the same request may succeed later.
    """

    default_status: ClassVar[HTTPStatus] = HTTPStatus.CONFLICT

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable


SENDABLE: list[type[Exception]] = [ServiceError]
"""Error types that the API sends with their code."""


def register_error_type(error_type: type[Exception]) -> None:
    """Make the API send errors of this type, a `CodedError`, like a `ServiceError`."""
    if error_type not in SENDABLE:
        SENDABLE.append(error_type)


def translated_message(error: CodedError) -> str:
    """Return an error's message in the active language.

    That of a `ServiceError` is made in it. Errors of the packages without Django have an English `text` with `values`
    that it names, and perhaps a `hint`, a further sentence.
    """
    if not hasattr(error, "text"):
        return error.message
    hint = getattr(error, "hint", "")
    return f"{translated_text(error.text, getattr(error, 'values', {}))} {gettext(hint) if hint else ''}".strip()


def translated_text(text: str, values: Mapping[str, str | int | float]) -> str:
    """Return a text in the active language, with its named values, whose numbers have at most one decimal."""
    if not values:
        return gettext(text)
    return gettext(text) % {name: value if isinstance(value, str) else _number(value) for name, value in values.items()}


def _number(value: float) -> str:
    return numbers.number(value, digits=0 if round(value, 1) == round(value) else 1)


def http_status(error: CodedError) -> HTTPStatus:
    """Return the HTTP status of the error's code, else the type's default, else 503."""
    return STATUS.get(error.code, getattr(error, "default_status", HTTPStatus.SERVICE_UNAVAILABLE))
