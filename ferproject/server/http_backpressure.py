"""Answers that are sent no faster than they are read.

Daphne writes what an application sends into the connection's buffer, however full that is: a long download would
fill the memory with what a slow client has yet to read.
"""

from __future__ import annotations

import asyncio
from typing import Any

from daphne.http_protocol import WebRequest
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

STALLED_SECONDS = 120
"""A client that reads nothing for so long is cut off."""


@implementer(IPushProducer)
class _Pace:
    """Told by the transport when its buffer is full, and when there is room again."""

    def __init__(self) -> None:
        self.room = asyncio.Event()
        self.room.set()

    def pauseProducing(self) -> None:  # Twisted's name
        self.room.clear()

    def resumeProducing(self) -> None:  # Twisted's name
        self.room.set()

    def stopProducing(self) -> None:  # Twisted's name
        self.room.set()


class PacedRequest(WebRequest):
    """Lets whoever sends an answer in pieces await `drained` before the next."""

    _pace: _Pace | None = None

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body" and not self.finished and self.channel is not None:
            if message.get("more_body", False):
                self._begin_pace()
            else:
                self._end_pace()
        super().handle_reply(message)

    async def drained(self) -> None:
        """Wait until there is room to write; cut off a client that does not make any."""
        if self._pace is None:
            return
        try:
            await asyncio.wait_for(self._pace.room.wait(), STALLED_SECONDS)
        except TimeoutError:
            if self.channel is not None and self.channel.transport is not None:
                self.channel.transport.abortConnection()

    def connectionLost(self, reason: Any) -> None:  # Twisted's name
        if self._pace is not None:
            self._pace.room.set()
        super().connectionLost(reason)

    def _begin_pace(self) -> None:
        if self._pace is None:
            self._pace = _Pace()
            self.registerProducer(self._pace, True)

    def _end_pace(self) -> None:
        if self._pace is not None:
            self._pace.room.set()
            self._pace = None
            self.unregisterProducer()
