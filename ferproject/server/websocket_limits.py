"""Daphne's WebSockets, made to bear clients that are slow, gone or hostile."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from autobahn.util import encode_truncate
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

PING_SECONDS = 10
PONG_SECONDS = 8
"""A client is asked so often whether it is still there, and has so long to answer: less, or two would be under way."""
CLOGGED_SECONDS = 10
"""So long a client may leave unread what was written to it."""
MOST_WAITING = 128
"""So many messages may wait for the application, which takes them as they come; Daphne's queue has no bound."""
POLICY_VIOLATION = 1008
CLOSE_REASON_BYTES = 123
logger = logging.getLogger(__name__)


@implementer(IPushProducer)
class BoundedWebSocket(WebSocketProtocol):
    """Closes with any code and a reason; never holds more than a transport's buffer for whoever does not read.

    The transport says when its buffer is full. Whoever sends awaits `drained` then, and a client that goes on not
    reading is dropped.
    """

    def __init__(self) -> None:
        super().__init__()
        self._room = asyncio.Event()
        self._room.set()
        self._clogged_at: float | None = None
        self._pinged_at = 0.0

    def onOpen(self) -> None:  # Autobahn's name
        # Until here it was the HTTP channel's to be told.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, True)
        self._pinged_at = time.time()
        super().onOpen()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # Autobahn's name
        if self.application_queue.qsize() < MOST_WAITING:
            super().onMessage(payload, isBinary)
        elif self.state == self.STATE_OPEN:
            self.sendCloseFrame(code=POLICY_VIOLATION, reasonUtf8=b"flood")

    def pauseProducing(self) -> None:  # Twisted's name
        self._room.clear()
        self._clogged_at = time.monotonic()

    def resumeProducing(self) -> None:  # Twisted's name
        self._clogged_at = None
        self._room.set()

    def stopProducing(self) -> None:  # Twisted's name
        self._room.set()

    async def drained(self) -> None:
        """Wait until there is room to write."""
        await self._room.wait()

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:  # Autobahn's name
        self._room.set()
        super().onClose(wasClean, code, reason)

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.close" and self.state == self.STATE_OPEN:
            # `sendClose` takes none of the codes that the standard keeps for servers.
            reason = encode_truncate(message.get("reason") or "", CLOSE_REASON_BYTES)
            self.sendCloseFrame(code=message.get("code") or 1000, reasonUtf8=reason)
        else:
            super().handle_reply(message)

    def check_timeouts(self) -> None:
        """Ping whether or not anything comes: a client may send for ever and never read."""
        if self._clogged_at is not None and time.monotonic() - self._clogged_at > CLOGGED_SECONDS:
            self.dropConnection(abort=True)
            return
        self.last_ping = self._pinged_at
        super().check_timeouts()
        self._pinged_at = self.last_ping


class BoundedWebSocketFactory(WebSocketFactory):
    protocol = BoundedWebSocket

    def setProtocolOptions(self, **options: Any) -> None:  # Autobahn's name
        # Dropping the connection would keep from a client why; and only an answered ping proves that it reads.
        super().setProtocolOptions(failByDrop=False, autoPingRestartOnAnyTraffic=False, **options)
