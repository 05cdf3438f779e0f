"""Format of the processes' logs, the ids of requests in them, and no traceback for an expected error."""

from __future__ import annotations

import datetime as dt
import logging
import re
import uuid
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from ferproject.middleware import Response, around

HEADER = "X-Request-ID"
DJANGOS_ERRORS = ("django.request", "django.security")
request_id: ContextVar[str] = ContextVar("request_id", default="")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_VALID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class OneLineFormatter(logging.Formatter):
    """One line a record, with the offset of its time zone; a traceback follows it.

    Control characters are escaped: requests bring some, which would otherwise begin lines that look like records.
    """

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # logging's name
        return dt.datetime.fromtimestamp(record.created, dt.UTC).astimezone().isoformat(timespec="milliseconds")

    def formatMessage(self, record: logging.LogRecord) -> str:  # logging's name
        return _CONTROL.sub(lambda found: repr(found[0])[1:-1], super().formatMessage(record))


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to each record, "" outside of requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class ExpectedErrorFilter(logging.Filter):
    """Removes the traceback that Django logs with answers of 400 to 499: such an error is the request's."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith(DJANGOS_ERRORS) and getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True


@sync_and_async_middleware
def request_id_middleware(get_response: Response) -> Response:
    """Give each request an id, that of a proxy where it sends one, for the log and the response's `X-Request-ID`."""
    return around(get_response, _begin, _end)


def _begin(request: HttpRequest) -> str:
    is_behind_proxy = settings.BEHIND_HTTPS or settings.ALLAUTH_TRUSTED_PROXY_COUNT
    sent = request.headers.get(HEADER, "") if is_behind_proxy else ""
    name = sent if _VALID.fullmatch(sent) else uuid.uuid4().hex
    request_id.set(name)
    return name


def _end(request: HttpRequest, response: HttpResponse, name: str) -> HttpResponse:
    response.headers[HEADER] = name
    return response
