"""The registry of this process' live connections: limits, periodic checks and writes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import ParamSpec, TypeVar

from django.db import connections

from analysis.live.auth import consenting_users, valid_sign_ins
from analysis.live.base_consumer import BaseConsumer
from analysis.live.messages import NO_CONSENT, RESTARTING, CloseCode
from analysis.live.recorder import LiveRecorder

MAX_CONNECTIONS_PER_USER = 4
POLL_SECONDS = 2.0
"""How often sign-ins and consents are checked; a connection is closed within twice that of their end."""
WRITE_SECONDS = 2.0
ALIVE_SECONDS = 30.0
"""How often a session without frames is marked as alive; see `analysis.sessions.services.ABANDONED`."""
IDLE_SECONDS = 300
"""How long a connection may be open without a frame."""
P = ParamSpec("P")
T = TypeVar("T")
logger = logging.getLogger(__name__)


class ConnectionRegistry:
    """The open connections, used on the event loop only. Database queries run on two threads, one of them for writes.

    On the thread that Channels shares between all consumers, a write that waits for a locked database would block
    sign-ins and the checks for sign-outs.
    """

    def __init__(self) -> None:
        self.recorder = LiveRecorder()
        self.is_stopping = False
        self._open: list[BaseConsumer] = []
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="live-reading")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="live-writing")
        self._is_failing = False
        self._marked_at = 0.0

    def register(self, connection: BaseConsumer) -> bool:
        """Add a connection; return False if its user has as many as allowed."""
        if sum(other.user_id == connection.user_id for other in self._open) >= MAX_CONNECTIONS_PER_USER:
            return False
        self._open.append(connection)
        for loop in (self._poll_loop, self._write_loop):
            name = loop.__name__
            # A loop ends by itself when nothing is left to do.
            if name not in self._tasks or self._tasks[name].done():
                self._tasks[name] = asyncio.create_task(loop())
        return True

    def unregister(self, connection: BaseConsumer) -> None:
        if connection in self._open:
            self._open.remove(connection)

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function`, which reads from the database, on the reading thread."""
        return await _run_on(self._reader, function, *args, **kwargs)

    async def write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function`, which writes to the database, on the writing thread, after earlier writes."""
        return await _run_on(self._writer, function, *args, **kwargs)

    async def flush(self) -> bool:
        """Write what is recorded now; return whether it is saved."""
        return await self.write(self.recorder.write)

    async def take_over(self, session: str, connection: BaseConsumer) -> None:
        """Close the user's other connections to `session`, and write what they recorded."""
        for other in list(self._open):
            if other is not connection and (other.user_id, str(other.session_id)) == (connection.user_id, session):
                message = "This session goes on in another connection."
                await other.refuse(CloseCode.TAKEN_OVER, "taken_over", message)
        await self.flush()

    async def stop(self, *, seconds: float = 5.0) -> None:
        """Close every connection with a code after which clients reconnect, and write what is recorded."""
        self.is_stopping = True
        await asyncio.gather(*(connection.refuse(*RESTARTING) for connection in list(self._open)))
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        try:
            await asyncio.wait_for(self.flush(), seconds)
        except TimeoutError:
            logger.error("The last seconds of live sessions could not be written")

    async def _poll_loop(self) -> None:
        while self._open:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self._close_ended()
            except Exception:
                logger.exception("Checking live connections")

    async def _write_loop(self) -> None:
        while self._open or not self.recorder.is_empty:
            await asyncio.sleep(WRITE_SECONDS)
            if time.monotonic() - self._marked_at >= ALIVE_SECONDS:
                self._marked_at = time.monotonic()
                for session_id in filter(None, (connection.session_id for connection in self._open)):
                    self.recorder.add(session_id)
            try:
                await self.flush()
            except Exception:
                logger.exception("Writing live sessions")

    async def _close_ended(self) -> None:
        """Close the connections that are idle, signed out or without consent."""
        checked = list(self._open)
        sign_ins = {connection.sign_in for connection in checked if connection.sign_in}
        started = {connection.user_id for connection in checked if connection.tracker}
        try:
            valid, consenting = await self.read(lambda: (valid_sign_ins(sign_ins), consenting_users(started)))
        except Exception as error:
            if not self._is_failing:
                logger.error("The sign-ins of live connections could not be looked up: %s", error)
            self._is_failing = True
            return
        self._is_failing = False
        closing = []
        for connection in checked:
            if connection.sign_in not in valid:
                message = "You are signed out; sign in again."
                closing.append(connection.refuse(CloseCode.SIGN_IN, "signed_out", message))
            elif connection.tracker and connection.user_id in started - consenting:
                closing.append(connection.refuse(*NO_CONSENT))
            elif time.monotonic() - connection.frame_at > IDLE_SECONDS:
                message = f"No frame came for {IDLE_SECONDS} seconds."
                closing.append(connection.refuse(CloseCode.IDLE, "idle", message))
        await asyncio.gather(*closing)


@cache
def get_registry() -> ConnectionRegistry:
    return ConnectionRegistry()


async def stop_connections() -> None:
    """Close this process' live connections; see `settings.SERVER_STOPPING`."""
    await get_registry().stop()


async def _run_on(thread: ThreadPoolExecutor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    def work() -> T:
        try:
            return function(*args, **kwargs)
        finally:
            # An open connection would go on reading a database file that a restored backup has replaced.
            connections.close_all()

    return await asyncio.get_running_loop().run_in_executor(thread, work)
