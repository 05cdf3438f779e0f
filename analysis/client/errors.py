"""The errors that the client raises."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx
    from websockets.exceptions import ConnectionClosed

_RESTARTS = {1001, 1006, 1011, 1012}
"""Close codes after which a client may connect again."""


class ApiError(Exception):
    """A request failed; `message` is the site's, written for people.

    `code` is a stable name, "unreachable" where no answer came, "not_the_api" where it was no answer of the API;
    `status` is HTTP's, 0 without an answer; `errors` are messages by field; `retryable` says whether the same request
    may succeed later, `retry_after` in how many seconds.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 0,
        errors: dict[str, list[str]] | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.errors = errors or {}
        self.retryable = retryable
        self.retry_after = retry_after


class LiveError(ApiError):
    """The live connection failed; `close_code` is the WebSocket's, None if there was no connection or it was lost."""

    def __init__(self, code: str, message: str, *, close_code: int | None = None, retryable: bool = False) -> None:
        super().__init__(code, message, retryable=retryable)
        self.close_code = close_code


def error_of(response: httpx.Response) -> ApiError:
    """Return the error that a response describes."""
    after = response.headers.get("Retry-After", "")
    retry_after = float(after) if after.isdecimal() else None
    try:
        body = response.json()
        code, message, errors = body["code"], body["message"], body["errors"]
    except (ValueError, KeyError, TypeError):
        found = f"HTTP status {response.status_code} with {response.headers.get('Content-Type', 'no content')}"
        message = f"{response.request.url}: expected an answer of the API; got {found}."
        return ApiError("not_the_api", message, status=response.status_code, retryable=response.status_code >= 502)
    return ApiError(
        code,
        message,
        status=response.status_code,
        errors=errors,
        retryable=bool(body.get("retryable")),
        retry_after=retry_after,
    )


def unreachable(error: httpx.TransportError, address: str) -> ApiError:
    """Return the error of a request that got no answer."""
    message = f"{address}: no answer came ({error or type(error).__name__}). Is the site running?"
    return ApiError("unreachable", message, retryable=True)


def live_closed(closed: ConnectionClosed, code: str, message: str | None) -> LiveError:
    """Return the error of a closed live connection, whose last error had this code and message."""
    if closed.rcvd is None:
        return LiveError("connection_lost", "The connection to the server was lost.", retryable=True)
    close_code = closed.rcvd.code
    said = message or closed.rcvd.reason or "It did not say why."
    return LiveError(
        code or closed.rcvd.reason or "closed",
        f"The server closed the connection ({close_code}): {said}",
        close_code=close_code,
        retryable=close_code in _RESTARTS,
    )


def live_not_opened(error: Exception, address: str, seconds: float) -> LiveError:
    """Return the error of a live connection that did not open within `seconds`."""
    if isinstance(error, TimeoutError):
        return LiveError("unreachable", f"{address}: no answer within {seconds:g} seconds.", retryable=True)
    if isinstance(error, OSError):
        message = f"{address}: no server can be reached there ({error}). Is it running?"
        return LiveError("unreachable", message, retryable=True)
    response = getattr(error, "response", None)
    found = f"HTTP status {response.status_code} came back" if response else error
    return LiveError("not_the_api", f"{address}: expected this site's live connection; {found}.")
