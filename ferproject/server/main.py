"""Serving the site with Daphne: `python -m ferproject.server.main`.

Daphne takes a request's body in whole, and queues it in memory, before the application sees any of it
(daphne#483). So the size is checked here, where the headers and then the chunks arrive.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ferproject.settings")

from daphne import server as daphne_server  # isort: skip  # first: it installs Twisted's asyncio reactor
from daphne.endpoints import build_endpoint_description_strings
from daphne.http_protocol import HTTPFactory
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import get_resolver
from django.utils.module_loading import import_string
from twisted.internet import defer, reactor
from twisted.python.failure import Failure

from ferproject.server.http_backpressure import PacedRequest
from ferproject.server.websocket_limits import PING_SECONDS, PONG_SECONDS, BoundedWebSocket, BoundedWebSocketFactory

logger = logging.getLogger(__name__)

_FILLING = {"websocket.send", "http.response.body"}
"""What takes room in a connection's buffer, for which its sender waits."""
LINGER_SECONDS = 5
"""How long a refused body is read and thrown away, so that the sender gets to read the answer."""


class LimitedRequest(PacedRequest):
    """Answers 413 as soon as a body is known to be larger than `settings.REQUEST_MAX_BYTES`."""

    refused = False
    received = 0

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        # Django reads forms itself; Twisted would do so before, in memory, and answer an odd one with an empty 400.
        self._parsePOSTFormSubmission = False

    def gotLength(self, length: int | None) -> None:  # Twisted's name
        super().gotLength(0 if length and length > settings.REQUEST_MAX_BYTES else length)
        if length and length > settings.REQUEST_MAX_BYTES:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:  # Twisted's name
        self.received += len(data)
        if self.received > settings.REQUEST_MAX_BYTES and not self.refused:
            self._refuse()
        if not self.refused:
            super().handleContentChunk(data)

    def process(self):  # type: ignore[no-untyped-def]
        if self.refused:
            self.channel.loseConnection()
            return None
        return super().process()

    def _refuse(self) -> None:
        self.refused = True
        self.content.seek(0)
        self.content.truncate()
        self.channel.transport.write(_too_large(self._wants_json(), what=self._expected()))
        # Closing at once would reset the connection under a browser that is still sending.
        reactor.callLater(LINGER_SECONDS, self._hang_up)

    def _wants_json(self) -> bool:
        return self._asked().startswith(b"/api/") or b"json" in self.requestHeaders.getRawHeaders(b"accept", [b""])[0]

    def _expected(self) -> str:
        if self._asked().startswith(b"/api/v1/analyses/batch/"):
            return "photos that together have"
        # Without its script the page of videos sends a file whole.
        return "a video sent without JavaScript, in one piece, of" if self._asked() == b"/videos/" else "a photo of"

    def _asked(self) -> bytes:
        # The request's own path is not set before its body has come.
        return getattr(self.channel, "_path", b"")

    def _hang_up(self) -> None:
        if self.channel is not None and self.channel.transport is not None:
            self.channel.transport.abortConnection()


def _too_large(as_json: bool, *, what: str) -> bytes:
    megabytes = settings.PHOTO_MAX_BYTES / 1_000_000
    message = f"This is too large: expected {what} {megabytes:g} MB at most."
    if as_json:
        kind, text = "application/json", json.dumps({"code": "too_large", "message": message, "errors": {}})
    else:
        kind, text = "text/html; charset=utf-8", render_to_string("413.html", {"message": message})
    body = text.encode()
    headers = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    return f"HTTP/1.1 413 Content Too Large\r\n{headers}\r\n".encode() + body


class LimitedHTTPFactory(HTTPFactory):
    def buildProtocol(self, addr):  # type: ignore[no-untyped-def]  # Twisted's name
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = LimitedRequest
        return protocol


class SiteServer(daphne_server.Server):
    """Daphne with the limits above, those of `pacing` and `websockets`, and a plain sentence when the port is taken."""

    failed = False

    async def handle_reply(self, protocol, message):  # type: ignore[no-untyped-def]
        await super().handle_reply(protocol, message)
        if isinstance(protocol, BoundedWebSocket | PacedRequest) and message["type"] in _FILLING:
            await protocol.drained()

    def kill_all_applications(self):  # type: ignore[no-untyped-def]
        """Close the live connections properly before Daphne cancels what still runs."""
        stop = import_string(settings.SERVER_STOPPING)
        stopped = defer.Deferred.fromFuture(asyncio.ensure_future(stop()))
        stopped.addErrback(lambda failure: logger.error("Stopping live sessions failed: %s", failure))
        return stopped.addCallback(lambda _: self._kill_the_rest())

    def _kill_the_rest(self):  # type: ignore[no-untyped-def]
        # Daphne's own trips over connections whose application has ended already.
        running = [found for details in self.connections.values() if (found := details.get("application_instance"))]
        for application in running:
            application.cancel()
        return defer.Deferred.fromFuture(asyncio.gather(*running, return_exceptions=True))

    def listen_error(self, failure: Failure) -> None:
        print(f"Cannot serve on {settings.HOST}:{settings.PORT}: {failure.getErrorMessage()}", file=sys.stderr)
        print("Something else may be running there; choose another with PORT=8001.", file=sys.stderr)
        self.failed = True
        self.stop()


def main() -> int:
    """Serve until interrupted; return the exit status."""
    daphne_server.HTTPFactory = LimitedHTTPFactory
    daphne_server.WebSocketFactory = BoundedWebSocketFactory
    max_message_bytes = import_string(settings.WEBSOCKET_MAX_MESSAGE_BYTES)
    server = SiteServer(
        import_string(settings.ASGI_APPLICATION),
        endpoints=build_endpoint_description_strings(host=settings.HOST, port=settings.PORT),
        ready_callable=import_string(settings.SERVER_STARTED),
        server_name="",
        websocket_max_message_size=max_message_bytes,
        websocket_max_frame_size=max_message_bytes,
        # A session lasts as long as somebody wants it to.
        websocket_timeout=-1,
        ping_interval=PING_SECONDS,
        ping_timeout=PONG_SECONDS,
    )
    _load_and_freeze()
    server.run()
    return int(server.failed)


def _load_and_freeze() -> None:
    """Load what the first request would, and have the garbage collector leave all of it alone from then on.

    A full collection looked through 150,000 objects that stay for ever, for 80 ms, in the middle of somebody's request.
    """
    get_resolver().reverse_dict  # noqa: B018  # reading it imports every view
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    sys.exit(main())
