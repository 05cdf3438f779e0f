"""Backpressure: responses and WebSocket messages are sent no faster than the client reads them.

Daphne writes whatever an application sends into the connection's buffer, which a slow client would let grow without
limit.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from daphne.http_protocol import WebRequest
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

STALLED_SECONDS = 120
"""A client that reads nothing of a response for this long is disconnected."""


@implementer(IPushProducer)
class WriteBuffer:
    """State of a transport's buffer, which the transport reports to it as its producer."""

    def __init__(self) -> None:
        self._has_room = asyncio.Event()
        self._has_room.set()
        self.full_since: float | None = None

    async def drain(self) -> None:
        """Wait until the buffer has room."""
        await self._has_room.wait()

    def pauseProducing(self) -> None:  # Twisted's name
        self._has_room.clear()
        self.full_since = time.monotonic()

    def resumeProducing(self) -> None:  # Twisted's name
        self._has_room.set()
        self.full_since = None

    stopProducing = resumeProducing  # Twisted's name


class BackpressureRequest(WebRequest):
    """Request whose streamed response can wait for `drain` between chunks."""

    _buffer: WriteBuffer | None = None

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body" and not self.finished and self.channel is not None:
            if not message.get("more_body", False):
                self._unregister_buffer()
            elif self._buffer is None:
                self._buffer = WriteBuffer()
                self.registerProducer(self._buffer, True)
        super().handle_reply(message)

    async def drain(self) -> None:
        """Wait until the buffer has room; disconnect a client that reads nothing for `STALLED_SECONDS`."""
        if self._buffer is None:
            return
        try:
            await asyncio.wait_for(self._buffer.drain(), STALLED_SECONDS)
        except TimeoutError:
            if self.channel is not None and self.channel.transport is not None:
                self.channel.transport.abortConnection()

    def connectionLost(self, reason: Any) -> None:  # Twisted's name
        if self._buffer is not None:
            self._buffer.stopProducing()
        super().connectionLost(reason)

    def _unregister_buffer(self) -> None:
        if self._buffer is not None:
            self._buffer.stopProducing()
            self._buffer = None
            self.unregisterProducer()
