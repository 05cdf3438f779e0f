"""Turns of HTTP requests: how many of one visitor, and of all, are in Django at once.

Django gives every request a thread, and Daphne reads its body into memory when it begins. A visitor's requests beyond
the first few therefore wait here, their bodies on the disk, and other visitors' requests are not behind them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from twisted.internet.defer import Deferred

from ferproject.errors import ServiceError
from ferproject.fair_queue import FairQueue
from ferproject.server.addresses import client_address
from ferproject.server.origins import token_from_header

AT_ONCE = 6
"""Reading, and as many writing requests of one visitor: as many as browsers send at once."""
UNFINISHED = 100
"""Reading, and as many writing requests of one visitor that are in Django or wait; further ones are refused."""
ALL_READING, ALL_WRITING = 64, 32
"""Requests of all visitors in Django at once; those that write may wait long, for the database or the engine."""
ALL_UNFINISHED = 2000
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
Scope = dict[str, Any]


@dataclass(frozen=True, eq=False)
class _Request:
    protocol: Any
    scope: Scope
    started: Deferred[Any]


class RequestTurns:
    """Starts requests in turn; used on the event loop only.

    `start` runs the application for a protocol and a scope and returns its queue, None for a client that has gone;
    `refuse` answers with an error instead.
    """

    def __init__(self, *, start: Callable[[Any, Scope], Any], refuse: Callable[[Any, ServiceError], None]) -> None:
        self._start = start
        self._refuse = refuse
        self._reading, self._writing = (
            FairQueue[_Request](per_owner=UNFINISHED, in_all=ALL_UNFINISHED, running_per_owner=AT_ONCE, running=running)
            for running in (ALL_READING, ALL_WRITING)
        )
        self._running: dict[Any, tuple[FairQueue[_Request], Hashable]] = {}

    def enter(self, protocol: Any, scope: Scope) -> Deferred[Any]:
        """Return a deferred that fires with the queue of the application, once it is the request's turn."""
        queue = self._reading if scope["method"] in SAFE_METHODS else self._writing
        request, owner = _Request(protocol, scope, Deferred()), visitor(scope)
        refused = queue.put(request, owner)
        if refused is not None:
            is_own = refused is request and queue.unfinished(owner) >= UNFINISHED
            self._refuse(refused.protocol, _too_many_waiting() if is_own else _busy())
            refused.started.callback(None)
        self._start_next(queue)
        return request.started

    def leave(self, protocol: Any) -> None:
        """Count a request as finished; called when its response begins or it ends without one."""
        if (found := self._running.pop(protocol, None)) is not None:
            queue, owner = found
            queue.done(owner)
            self._start_next(queue)

    def _start_next(self, queue: FairQueue[_Request]) -> None:
        while (taken := queue.take()) is not None:
            owner, request = taken
            self._running[request.protocol] = queue, owner
            input_queue = self._start(request.protocol, request.scope)
            if input_queue is None:
                del self._running[request.protocol]
                queue.done(owner)
            request.started.callback(input_queue)


def visitor(scope: Scope) -> Hashable:
    """Return whose request this is: a token's, a session's, or else an address's."""
    if (token := token_from_header(scope)) is not None:
        return "token", token
    for name, value in scope["headers"]:
        if name == b"cookie":
            for part in value.split(b";"):
                cookie, _, session = part.strip().partition(b"=")
                if cookie == settings.SESSION_COOKIE_NAME.encode() and session:
                    return "session", session
    forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return "address", client_address((scope["client"] or [""])[0], forwarded)


def _too_many_waiting() -> ServiceError:
    message = gettext("%(count)s of your requests are in progress or waiting. Send the next one when one is done.")
    return ServiceError("too_many_waiting", message % {"count": UNFINISHED}, retryable=True)


def _busy() -> ServiceError:
    message = gettext("The site is answering many requests at the moment. Try again shortly.")
    return ServiceError("busy", message, retryable=True)
