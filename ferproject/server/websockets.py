"""Daphne's WebSockets with limits for slow, lost and hostile clients."""

from __future__ import annotations

import time
from typing import Any

from autobahn.util import encode_truncate
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

from ferproject.server.backpressure import WriteBuffer

PING_SECONDS = 10
PONG_SECONDS = 8
"""Shorter than the interval, so that only one ping is pending."""
STALLED_SECONDS = 10
"""A client that reads nothing for this long is disconnected."""
MAX_QUEUED_MESSAGES = 128
"""Received messages that may wait for the application; Daphne's queue has no limit."""
POLICY_VIOLATION = 1008
CLOSE_REASON_BYTES = 123


class BoundedWebSocket(WebSocketProtocol):
    """WebSocket that waits for slow readers, closes with any code and a reason, and limits its queue of messages."""

    def __init__(self) -> None:
        super().__init__()
        self.buffer = WriteBuffer()
        self._pinged_at = 0.0

    async def drain(self) -> None:
        """Wait until the buffer has room."""
        await self.buffer.drain()

    def connectionLost(self, reason: Any) -> None:  # Twisted's name
        # Until now only the HTTP channel's own end was noted.
        self.factory.server_class.open_connections.remove(self.transport)
        super().connectionLost(reason)

    def onOpen(self) -> None:  # Autobahn's name
        # Until now the producer was the HTTP channel.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self.buffer, True)
        self.factory.server_class.open_connections.is_web_socket(self.transport)
        self._pinged_at = time.time()
        super().onOpen()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # Autobahn's name
        if self.application_queue.qsize() < MAX_QUEUED_MESSAGES:
            super().onMessage(payload, isBinary)
        elif self.state == self.STATE_OPEN:
            self.sendCloseFrame(code=POLICY_VIOLATION, reasonUtf8=b"flood")

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:  # Autobahn's name
        self.buffer.stopProducing()
        super().onClose(wasClean, code, reason)

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.close" and self.state == self.STATE_OPEN:
            # `sendClose` rejects the codes that the standard reserves for servers.
            reason = encode_truncate(message.get("reason") or "", CLOSE_REASON_BYTES)
            self.sendCloseFrame(code=message.get("code") or 1000, reasonUtf8=reason)
        else:
            super().handle_reply(message)

    def check_timeouts(self) -> None:
        """Disconnect stalled clients; ping the others even while they send, because they may never read."""
        if self.buffer.full_since is not None and time.monotonic() - self.buffer.full_since > STALLED_SECONDS:
            self.dropConnection(abort=True)
            return
        # Daphne resets `last_ping` at every message received. The clock may have been set back.
        self.last_ping = min(self._pinged_at, time.time())
        super().check_timeouts()
        self._pinged_at = self.last_ping


class BoundedWebSocketFactory(WebSocketFactory):
    protocol = BoundedWebSocket

    def setProtocolOptions(self, **options: Any) -> None:  # Autobahn's name
        # With failByDrop a client would not receive the reason; only an answered ping proves that it reads.
        super().setProtocolOptions(failByDrop=False, autoPingRestartOnAnyTraffic=False, **options)
