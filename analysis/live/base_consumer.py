"""A WebSocket that answers from tasks, so that receiving never waits for anything."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

from analysis.live import messages
from analysis.live.frames import Pace
from analysis.live.messages import Close, Message, MessageError

MESSAGES_PER_SECOND = 120
MOST_BAD = 3
"""So many bad messages in a row end the connection."""
SAY_SECONDS = 1.0
"""So long a connection that is to be closed may take to hear why."""
logger = logging.getLogger(__name__)


class Connection(AsyncWebsocketConsumer):
    """Takes messages as they come, or they would queue up in memory; a subclass says what each kind means.

    `take_frame` and `take_control` may raise `MessageError`; what they cannot do at once they leave to a task.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_closed = False
        self._is_refusing = False
        self._bad = 0
        self._pace = Pace(MESSAGES_PER_SECOND, 2 * MESSAGES_PER_SECOND)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sayings: set[asyncio.Task[None]] = set()

    def take_frame(self, data: bytes) -> None:
        raise NotImplementedError

    def take_control(self, text: str) -> None:
        raise NotImplementedError

    def let_go(self) -> None:
        """Give back whatever is held besides the socket; called once, and must not wait."""
        raise NotImplementedError

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        # Channels' own loop takes several rounds of the event loop for each message, in which a flood brings many more;
        # and it tidies database connections before each, on the one thread that all consumers share.
        self.scope, self.base_send = scope, send
        try:
            with suppress(StopConsumer):
                while True:
                    message = await receive()
                    await getattr(self, message["type"].replace(".", "_"))(message)
        finally:
            self._end()

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        self._end()
        raise StopConsumer

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.is_closed or self._is_refusing:
            return
        if not self._pace.allows(time.monotonic()):
            self._refuse_soon(
                Close.POLICY, "flood", f"expected {MESSAGES_PER_SECOND} unanswered messages a second at most."
            )
            return
        try:
            if bytes_data is not None:
                self.take_frame(bytes_data)
            else:
                self.take_control(text_data or "")
        except MessageError as error:
            self.complain(error)

    async def refuse(self, close: Close, code: str, message: str) -> None:
        """Say why, and close; whoever does not read is closed all the same."""
        if self.is_closed:
            return
        self._end()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.send(text_data=messages.encode(messages.error(code, message))), SAY_SECONDS)
        await self.close(code=int(close), reason=code)

    async def say(self, message: Message) -> None:
        if not self.is_closed:
            await self.send(text_data=messages.encode(message))

    def complain(self, error: MessageError) -> None:
        """Answer a bad message; the third in a row ends the connection."""
        self._bad += 1
        self._soon(self.say(messages.error(error.code, error.message, sequence=error.sequence)))
        if self._bad >= MOST_BAD:
            self._refuse_soon(Close.POLICY, "bad_messages", f"{MOST_BAD} messages in a row were bad.")

    def praise(self) -> None:
        """Forget the bad messages before a good one."""
        self._bad = 0

    def answered(self) -> None:
        """Note that a frame was worked on."""
        self.praise()
        self._pace.give_back()

    def run(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Do `work` until it is done or the connection ends."""
        self._tasks[name] = asyncio.create_task(self._guarded(work))

    def is_running(self, name: str) -> bool:
        return name in self._tasks and not self._tasks[name].done()

    async def done(self, name: str) -> None:
        """Wait for the work of that name, if there is any."""
        if self.is_running(name):
            await asyncio.wait([self._tasks[name]])

    def _end(self) -> None:
        if self.is_closed:
            return
        self.is_closed = True
        self.let_go()
        for task in self._tasks.values():
            if task is not asyncio.current_task():
                task.cancel()

    def _refuse_soon(self, close: Close, code: str, message: str) -> None:
        self._is_refusing = True
        self._soon(self.refuse(close, code, message))

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(work))
        # Or nobody but the loop would know of it, and it might be collected.
        self._sayings.add(task)
        task.add_done_callback(self._sayings.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """A fault of ours is logged and ends the connection, after which the client comes back."""
        try:
            await work
        except Exception:
            logger.exception("A live connection failed")
            await self.refuse(Close.FAILED, "failed", "Something went wrong on the server; its log says more.")
