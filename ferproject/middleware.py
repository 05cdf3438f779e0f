"""Middleware that is sync or async as what it wraps, so that Django changes no thread for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse

Response = Callable[[HttpRequest], Any]
State = TypeVar("State")


def around(
    get_response: Response,
    begin: Callable[[HttpRequest], State],
    end: Callable[[HttpRequest, HttpResponse, State], HttpResponse],
) -> Response:
    """Return a middleware that calls `begin` before the response is made, and `end` after it with what that returned.

    For functions with Django's decorator `sync_and_async_middleware`.
    """
    if not iscoroutinefunction(get_response):

        def middleware(request: HttpRequest) -> HttpResponse:
            state = begin(request)
            return end(request, get_response(request), state)

        return middleware

    respond: Callable[[HttpRequest], Awaitable[HttpResponse]] = get_response

    async def async_middleware(request: HttpRequest) -> HttpResponse:
        state = begin(request)
        return end(request, await respond(request), state)

    return async_middleware
