"""HTTP requests and connections with limits of size, time and number.

Daphne reads a request's whole body before it calls the application (daphne#483), so its size and its pace are checked
here, when the headers and the chunks arrive. Twisted's own timeout begins anew with every byte that comes.
"""

from __future__ import annotations

import re
from collections import deque
from enum import Enum, auto
from tempfile import SpooledTemporaryFile
from typing import Any

from daphne.http_protocol import HTTPFactory
from django.conf import settings
from django.utils.translation import gettext
from twisted.web.http import HTTPChannel

from ferproject.errors import ServiceError
from ferproject.server.addresses import client_address
from ferproject.server.backpressure import BackpressureRequest
from ferproject.server.connections import Connections
from ferproject.server.refusals import refusal_response

BODY_IN_MEMORY_BYTES = 100_000
"""A larger body is kept in a file until it is read."""
DISCARD_SECONDS = 5
"""How long the rest of a rejected request is read and discarded, so that the client can read the response."""
REFUSED_SECONDS = 1
"""How long a connection too many may take to send a request, which is answered with an error."""
REFUSED_AT_ONCE, REFUSING_PAUSE_SECONDS = 10, 0.02
"""Slow clients that are answered before others' requests are looked at, and the pause after them."""
KEEP_ALIVE_SECONDS = 60
"""How long a connection may be idle after a response, and how long a client may take to read its end."""
_ACCEPT = re.compile(rb"(?<=\naccept:)[^\r\n]*", re.IGNORECASE)


class LimitedRequest(BackpressureRequest):
    """Answers 413 as soon as the body exceeds `settings.REQUEST_MAX_BYTES`."""

    is_rejected = False
    received = 0

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        # Django parses forms; Twisted would parse them first, in memory, and answer malformed ones with an empty 400.
        self._parsePOSTFormSubmission = False

    def gotLength(self, length: int | None) -> None:  # Twisted's name
        # Twisted opens a file for every body that may become large, before any of it has come.
        self.content = SpooledTemporaryFile(BODY_IN_MEMORY_BYTES)  # noqa: SIM115  # Twisted closes it
        if length and length > settings.REQUEST_MAX_BYTES:
            self.refuse(_too_large(self.channel._path))

    def handleContentChunk(self, data: bytes) -> None:  # Twisted's name
        self.received += len(data)
        if self.received > settings.REQUEST_MAX_BYTES and not self.is_rejected:
            self.refuse(_too_large(self.channel._path))
        if not self.is_rejected:
            super().handleContentChunk(data)

    def process(self):  # type: ignore[no-untyped-def]
        if self.is_rejected:
            self.channel.loseConnection()
            return None
        return super().process()

    def handle_reply(self, message: dict[str, Any]) -> None:
        is_last = self.channel is not None and self.channel.connections.is_closing
        if is_last and message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), (b"Connection", b"close")]}
        super().handle_reply(message)

    def refuse(self, error: ServiceError) -> None:
        """Answer with an error, discard what has arrived, and process no more of this connection."""
        self.is_rejected = True
        if self.content is not None:
            self.content.seek(0)
            self.content.truncate()
        # The request's own path is set only after its body.
        path = getattr(self.channel, "_path", None) or getattr(self, "path", None) or b""
        self.channel.refuse(error, path=path, accept=self.requestHeaders.getRawHeaders(b"accept", [b""])[0])


class Phase(Enum):
    """What a connection waits for."""

    IDLE = auto()
    HEAD = auto()
    BODY = auto()
    ANSWER = auto()
    CLOSE = auto()


class LimitedChannel(HTTPChannel):
    """A connection with a deadline for each request's head, a least pace for its body, and an idle time between them.

    A connection too many is answered with an error; see `connections.Connections`.
    """

    requestFactory = LimitedRequest  # Twisted's name
    connections: Connections
    _phase = Phase.IDLE
    _error: ServiceError | None = None
    _counted = 0
    _is_overdue = False

    def connectionMade(self) -> None:  # Twisted's name
        self.timeOut = settings.SLOW_REQUEST_SECONDS
        super().connectionMade()
        if not self.connections.add(self.transport):
            self.refuse(_busy(), path=b"", accept=b"", linger_seconds=0)
        elif not is_behind_proxy():
            self._error = self.connections.count(self.transport, self.transport.getPeer().host)
            if self._error is not None:
                self.setTimeout(REFUSED_SECONDS)

    def connectionLost(self, reason: Any) -> None:  # Twisted's name
        self.connections.remove(self.transport)
        super().connectionLost(reason)

    def resetTimeout(self) -> None:  # Twisted's name
        """Leave the deadline as it is: what arrives does not extend it."""

    def setTimeout(self, period: float | None) -> float | None:  # Twisted's name
        """Set the deadline by a new timer: to make one fire sooner, Twisted searches it among those of all."""
        self._is_overdue = False
        previous = super().setTimeout(None)
        super().setTimeout(period)
        return previous

    def dataReceived(self, data: bytes) -> None:  # Twisted's name
        if self._phase is Phase.IDLE and self._error is not None:
            path, accept = data.partition(b" ")[2].partition(b" ")[0], _ACCEPT.search(data)
            self.refuse(self._error, path=path, accept=accept[0] if accept else b"", linger_seconds=0)
        if self._phase is Phase.CLOSE:
            return
        if self._phase is Phase.IDLE:
            self._phase = Phase.HEAD
            self.setTimeout(settings.SLOW_REQUEST_SECONDS)
        super().dataReceived(data)

    def allHeadersReceived(self) -> None:  # Twisted's name
        super().allHeadersReceived()
        request = self.requests[-1]
        if self._phase is not Phase.CLOSE and settings.ALLAUTH_TRUSTED_PROXY_COUNT:
            forwarded = request.requestHeaders.getRawHeaders(b"x-forwarded-for", [])
            error = self.connections.count(self.transport, client_address(self.transport.getPeer().host, forwarded))
            if error is not None:
                request.refuse(error)
        if self._phase is not Phase.CLOSE and self.length != 0:
            self._phase, self._counted = Phase.BODY, 0
            self.setTimeout(settings.SLOW_REQUEST_SECONDS)
            self.connections.waits_for_body(self.transport)

    def allContentReceived(self) -> None:  # Twisted's name
        if self._phase is not Phase.CLOSE:
            self._phase = Phase.ANSWER
            self.connections.is_answered(self.transport)
        super().allContentReceived()

    def requestDone(self, request: Any) -> None:  # Twisted's name
        self._phase, self._savedTimeOut = Phase.IDLE, KEEP_ALIVE_SECONDS
        self.connections.waits_for_request(self.transport)
        if is_behind_proxy():
            self.connections.uncount(self.transport)
        self.persistent = self.persistent and not self.connections.is_closing
        super().requestDone(request)
        if not self.persistent:
            # For a client that does not read the response.
            self.setTimeout(KEEP_ALIVE_SECONDS)

    def timeoutConnection(self) -> None:  # Twisted's name
        if self._phase is Phase.BODY and self._keeps_pace():
            self.setTimeout(settings.SLOW_REQUEST_SECONDS)
        elif self._phase in (Phase.HEAD, Phase.BODY):
            self._is_overdue = True
            self.factory.refuse_in_turn(self)
        else:
            super().timeoutConnection()

    def refuse_slow(self) -> None:
        """Answer with 408 unless the client has gone, or sent the rest while others were answered."""
        seconds = settings.SLOW_REQUEST_SECONDS
        if not self._is_overdue:
            return
        if self._phase is Phase.HEAD:
            message = gettext("The head of the request did not arrive within %(seconds)s seconds.") % {
                "seconds": seconds
            }
        else:
            message = gettext("The request is too slow: at least %(bytes)s bytes must arrive every second.")
            message %= {"bytes": settings.SLOW_BODY_BYTES}
        error = ServiceError("request_timeout", message, retryable=True)
        if self.requests:
            self.requests[-1].refuse(error)
        else:
            self.refuse(error, path=b"", accept=b"")

    def refuse(self, error: ServiceError, *, path: bytes, accept: bytes, linger_seconds: int = DISCARD_SECONDS) -> None:
        """Answer with an error, and close the connection; `path` and `accept` are those of the request."""
        self._phase = Phase.CLOSE
        self.setTimeout(None)
        self.transport.write(refusal_response(error, path=path, accept=accept))
        if linger_seconds:
            # Closing at once would reset the connection of a browser that is still sending.
            self.callLater(linger_seconds, self._abort)
        else:
            self.loseConnection()

    def _keeps_pace(self) -> bool:
        """Return whether enough of a body came since this was asked last."""
        received = self.requests[-1].received
        came, self._counted = received - self._counted, received
        return came >= settings.SLOW_BODY_BYTES * settings.SLOW_REQUEST_SECONDS

    def _abort(self) -> None:
        if self.transport is not None:
            self.transport.abortConnection()


class LimitedHTTPFactory(HTTPFactory):
    """Makes the connections of a `SiteServer`."""

    protocol = LimitedChannel

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._slow: deque[LimitedChannel] = deque()

    def refuse_in_turn(self, channel: LimitedChannel) -> None:
        """Answer a slow client, a few at a time: others' requests must not wait for thousands that are due at once."""
        self._slow.append(channel)
        if len(self._slow) == 1:
            self.reactor.callLater(0, self._refuse_some)

    def _refuse_some(self) -> None:
        for _ in range(min(REFUSED_AT_ONCE, len(self._slow))):
            self._slow.popleft().refuse_slow()
        if self._slow:
            self.reactor.callLater(REFUSING_PAUSE_SECONDS, self._refuse_some)

    def buildProtocol(self, addr: Any) -> Any:  # Twisted's name
        channel = super().buildProtocol(addr)
        channel.requestFactory = LimitedRequest
        channel.connections = self.server.open_connections
        return channel


def is_behind_proxy() -> bool:
    """Return whether connections come from proxies, so that their own addresses say nothing."""
    return bool(settings.BEHIND_HTTPS or settings.ALLAUTH_TRUSTED_PROXY_COUNT)


def _busy() -> ServiceError:
    message = gettext("Too many connections are open at the moment. Try again shortly.")
    return ServiceError("busy", message, retryable=True)


def _too_large(path: bytes) -> ServiceError:
    if path.startswith(b"/api/v1/analyses/batch/"):
        message = gettext("This is too large. The photos of one request can be up to %(limit)s MB together.")
    elif path == b"/videos/":
        # Without JavaScript this page uploads a video in one request.
        message = gettext("This is too large. Without JavaScript, a video can be up to %(limit)s MB.")
    else:
        message = gettext("This is too large. A photo can be up to %(limit)s MB.")
    limit = settings.PHOTO_MAX_BYTES / 1_000_000
    return ServiceError("too_large", message % {"limit": f"{limit:g}"})
