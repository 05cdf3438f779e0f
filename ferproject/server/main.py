"""Serve the site with Daphne: `python -m ferproject.server.main`.

Daphne reads a request's whole body into memory before it calls the application (daphne#483), so the size is checked
here, when the headers and the chunks arrive.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ferproject.settings")

from daphne import server as daphne_server  # isort: skip  # first: it installs Twisted's asyncio reactor
from daphne.endpoints import build_endpoint_description_strings
from daphne.http_protocol import HTTPFactory
from django.conf import settings
from django.urls import get_resolver
from django.utils.module_loading import import_string
from twisted.internet import defer, reactor
from twisted.python.failure import Failure

from ferproject.disk_reserve import disk_reserve
from ferproject.errors import ServiceError
from ferproject.private_files import ExposedFilesError, protect_files
from ferproject.server.backpressure import BackpressureRequest
from ferproject.server.refusals import refusal_response
from ferproject.server.request_turns import RequestTurns, Scope
from ferproject.server.websockets import PING_SECONDS, PONG_SECONDS, BoundedWebSocket, BoundedWebSocketFactory
from ferproject.sqlite import serve_existing_database

logger = logging.getLogger(__name__)

BUFFERED_MESSAGES = {"websocket.send", "http.response.body"}
SWITCH_SECONDS = 0.001
"""How long a thread that recognizes faces keeps the interpreter at most while the event loop waits for it: with 60 live
clients Python's 5 ms cost a fifth of the answers."""
DISCARD_SECONDS = 5
"""How long the rest of a rejected body is read and discarded, so that the client can read the response."""


class LimitedRequest(BackpressureRequest):
    """Answers 413 as soon as the body exceeds `settings.REQUEST_MAX_BYTES`."""

    is_rejected = False
    received = 0

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        # Django parses forms; Twisted would parse them first, in memory, and answer malformed ones with an empty 400.
        self._parsePOSTFormSubmission = False

    def gotLength(self, length: int | None) -> None:  # Twisted's name
        super().gotLength(0 if length and length > settings.REQUEST_MAX_BYTES else length)
        if length and length > settings.REQUEST_MAX_BYTES:
            self._reject()

    def handleContentChunk(self, data: bytes) -> None:  # Twisted's name
        self.received += len(data)
        if self.received > settings.REQUEST_MAX_BYTES and not self.is_rejected:
            self._reject()
        if not self.is_rejected:
            super().handleContentChunk(data)

    def process(self):  # type: ignore[no-untyped-def]
        if self.is_rejected:
            self.channel.loseConnection()
            return None
        return super().process()

    def refuse(self, error: ServiceError) -> None:
        """Answer with an error and read no more of this connection."""
        # The request's own path is set only after its body.
        path = getattr(self.channel, "_path", None) or self.path
        accept = self.requestHeaders.getRawHeaders(b"accept", [b""])[0]
        self.channel.transport.write(refusal_response(error, path=path, accept=accept))
        # Closing at once would reset the connection of a browser that is still sending.
        reactor.callLater(DISCARD_SECONDS, self._disconnect)

    def _reject(self) -> None:
        self.is_rejected = True
        self.content.seek(0)
        self.content.truncate()
        self.refuse(_too_large(self.channel._path))

    def _disconnect(self) -> None:
        if self.channel is not None and self.channel.transport is not None:
            self.channel.transport.abortConnection()


def _too_large(path: bytes) -> ServiceError:
    if path.startswith(b"/api/v1/analyses/batch/"):
        expected = "photos that together have"
    elif path == b"/videos/":
        # Without JavaScript this page uploads a video in one request.
        expected = "a video sent without JavaScript, in one piece, of"
    else:
        expected = "a photo of"
    limit = settings.PHOTO_MAX_BYTES / 1_000_000
    return ServiceError("too_large", f"This is too large: expected {expected} {limit:g} MB at most.")


class LimitedHTTPFactory(HTTPFactory):
    def buildProtocol(self, addr):  # type: ignore[no-untyped-def]  # Twisted's name
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = LimitedRequest
        return protocol


class SiteServer(daphne_server.Server):
    """Daphne with request limits, backpressure, an orderly stop, and a clear message if the port is taken."""

    failed = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turns = RequestTurns(start=self._start, refuse=lambda request, error: request.refuse(error))

    def create_application(self, protocol: Any, scope: Scope) -> Any:
        """Start a WebSocket's application; return a deferred for a request, whose application starts in its turn."""
        if scope["type"] == "http":
            return self._turns.enter(protocol, scope)
        return super().create_application(protocol, scope)

    def _start(self, protocol: Any, scope: Scope) -> Any:
        if "disconnected" in self.connections.get(protocol, {"disconnected": True}):
            return None
        input_queue = super().create_application(protocol, scope)
        self.connections[protocol]["application_instance"].add_done_callback(lambda _: self._turns.leave(protocol))
        return input_queue

    async def handle_reply(self, protocol, message):  # type: ignore[no-untyped-def]
        if message["type"] == "http.response.start":
            self._turns.leave(protocol)
        await super().handle_reply(protocol, message)
        if isinstance(protocol, BoundedWebSocket | BackpressureRequest) and message["type"] in BUFFERED_MESSAGES:
            await protocol.drain()

    def kill_all_applications(self):  # type: ignore[no-untyped-def]
        """Close the live connections before Daphne cancels their applications."""
        stop = import_string(settings.SERVER_STOPPING)
        stopped = defer.Deferred.fromFuture(asyncio.ensure_future(stop()))
        stopped.addErrback(lambda failure: logger.error("Stopping live sessions failed: %s", failure))
        return stopped.addCallback(lambda _: self._cancel_applications())

    def _cancel_applications(self):  # type: ignore[no-untyped-def]
        # Daphne's own method fails on connections whose application has ended already.
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
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        if changed := protect_files(settings.VAR_DIR):
            logger.info(
                "%d files and folders in %s were open to others and are not any more", changed, settings.VAR_DIR
            )
    except ExposedFilesError as error:
        print(error, file=sys.stderr)
        return 1
    with disk_reserve().released():
        serve_existing_database()
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
        # Sessions have no time limit.
        websocket_timeout=-1,
        ping_interval=PING_SECONDS,
        ping_timeout=PONG_SECONDS,
    )
    _load_and_freeze()
    server.run()
    return int(server.failed)


def _load_and_freeze() -> None:
    """Import every view, and exclude all objects loaded so far from garbage collection.

    A full collection took 80 ms, during a request, for 150,000 objects that are never freed.
    """
    get_resolver().reverse_dict  # noqa: B018  # reading it imports every view
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    sys.exit(main())
