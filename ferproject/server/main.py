"""Serve the site with Daphne: `python -m ferproject.server.main`."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
import time
from typing import Any

# What is imported stays: looking for garbage in it took a quarter of the time until the server was ready.
gc.disable()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ferproject.settings")

from daphne import server as daphne_server  # isort: skip  # first: it installs Twisted's asyncio reactor
from daphne.endpoints import build_endpoint_description_strings
from django.conf import settings
from django.urls import get_resolver
from django.utils.module_loading import import_string
from twisted.internet import defer
from twisted.python.failure import Failure

from ferproject.databases import limit_statements
from ferproject.disk_reserve import disk_reserve
from ferproject.private_files import ExposedFilesError, protect_files
from ferproject.server.allocator import configure_allocator
from ferproject.server.backpressure import BackpressureRequest
from ferproject.server.connections import Connections, max_connections, raise_descriptor_limit
from ferproject.server.cores import use_own_cores
from ferproject.server.health import is_health_check
from ferproject.server.limited_http import LimitedHTTPFactory
from ferproject.server.request_turns import RequestTurns, Scope
from ferproject.server.websockets import PING_SECONDS, PONG_SECONDS, BoundedWebSocket, BoundedWebSocketFactory
from ferproject.sqlite import serve_existing_database

logger = logging.getLogger(__name__)

LISTEN_BACKLOG = 1024
"""Connections that may wait to be accepted; where more do, clients try again after a second."""
BUFFERED_MESSAGES = {"websocket.send", "http.response.body"}
SWITCH_SECONDS = 0.001
"""How long a thread that recognizes faces keeps the interpreter at most while the event loop waits for it: with 60 live
clients Python's 5 ms cost a fifth of the answers."""


class SiteServer(daphne_server.Server):
    """Daphne with request limits, backpressure, an orderly stop, and a clear message if the port is taken."""

    failed = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_all = max_connections(raise_descriptor_limit())
        self.open_connections = Connections(per_address=settings.CONNECTIONS_PER_ADDRESS, in_all=in_all)
        self._turns = RequestTurns(start=self._start, refuse=lambda request, error: request.refuse(error))
        self._ports: list[Any] = []

    def create_application(self, protocol: Any, scope: Scope) -> Any:
        """Start a WebSocket's application; return a deferred for a request, whose application starts in its turn."""
        if scope["type"] == "http" and not is_health_check(scope):
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

    def listen_success(self, port: Any) -> None:
        self._ports.append(port)
        super().listen_success(port)

    def kill_all_applications(self):  # type: ignore[no-untyped-def]
        """Refuse new connections, close the live ones, and finish requests, before Daphne cancels what is left."""
        for port in self._ports:
            port.stopListening()
        self.open_connections.close_after_requests()
        stopped = asyncio.gather(self._close_live(), self._finish_requests(), return_exceptions=True)
        return defer.Deferred.fromFuture(stopped).addCallback(lambda _: self._cancel_applications())

    async def _close_live(self) -> None:
        try:
            await import_string(settings.SERVER_STOPPING)()
        except Exception:
            logger.exception("Stopping live sessions failed")

    async def _finish_requests(self) -> None:
        deadline = time.monotonic() + settings.STOP_SECONDS
        while (left := self.open_connections.count_requests()) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        if left:
            logger.warning("%d requests took longer than %d seconds and are given up", left, settings.STOP_SECONDS)

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
    configure_allocator()
    use_own_cores(number=settings.PORT - settings.FIRST_PORT, processes=settings.WEB_PROCESSES)
    try:
        if changed := protect_files(settings.VAR_DIR):
            logger.info(
                "%d files and folders in %s were open to others and are not any more", changed, settings.VAR_DIR
            )
    except ExposedFilesError as error:
        print(error, file=sys.stderr)
        return 1
    limit_statements(settings.DATABASE_STATEMENT_SECONDS)
    with disk_reserve().released():
        serve_existing_database()
    daphne_server.HTTPFactory = LimitedHTTPFactory
    daphne_server.WebSocketFactory = BoundedWebSocketFactory
    max_message_bytes = import_string(settings.WEBSOCKET_MAX_MESSAGE_BYTES)
    endpoints = build_endpoint_description_strings(host=settings.HOST, port=settings.PORT)
    server = SiteServer(
        import_string(settings.ASGI_APPLICATION),
        endpoints=[f"{endpoint}:backlog={LISTEN_BACKLOG}" for endpoint in endpoints],
        ready_callable=import_string(settings.SERVER_STARTED),
        server_name="",
        websocket_max_message_size=max_message_bytes,
        websocket_max_frame_size=max_message_bytes,
        # Sessions have no time limit.
        websocket_timeout=-1,
        ping_interval=PING_SECONDS,
        ping_timeout=PONG_SECONDS,
    )
    if settings.METRICS_PORT and not _serve_metrics():
        return 1
    _load_and_freeze()
    server.run()
    return int(server.failed)


def _serve_metrics() -> bool:
    """Serve metrics on this process' port; return False, with a message, where it is taken."""
    port = settings.METRICS_PORT + (settings.PORT - settings.FIRST_PORT if settings.FIRST_PORT else 0)
    try:
        import_string("ferproject.metrics.serve_metrics")(port)
    except OSError as error:
        print(f"Cannot serve metrics on 127.0.0.1:{port}: {error}; set another METRICS_PORT.", file=sys.stderr)
        return False
    return True


def _load_and_freeze() -> None:
    """Import every view, and exclude all objects loaded so far from garbage collection.

    A full collection took 80 ms, during a request, for 150,000 objects that are never freed. None ran before.
    """
    get_resolver().reverse_dict  # noqa: B018  # reading it imports every view
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    sys.exit(main())
