"""The registry of this process' live connections: limits, periodic checks and writes.

Their rows, which count a person's connections in all processes and say which connection writes a session, are in
`analysis.live.services` and `Session.token`.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache, partial
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, OperationalError, connections
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from analysis.live import services as rows
from analysis.live.auth import SignIn, consenting_users, valid_sign_ins
from analysis.live.base_consumer import BaseConsumer
from analysis.live.messages import NO_CONSENT, RESTARTING, SIGNED_OUT, TAKEN_OVER, CloseCode, Refusal
from analysis.live.recorder import LiveRecorder
from analysis.sessions import services as sessions

POLL_SECONDS = 2.0
"""How often sign-ins and consents are checked; a connection is closed within twice that of their end."""
WRITE_SECONDS = 2.0
ALIVE_SECONDS = 30.0
"""How often a session without frames is marked as alive; see `analysis.sessions.services.ABANDONED`."""
HEARTBEAT_SECONDS = 5.0
"""How often the connections' rows are marked as alive; see `analysis.live.services.LIVE_LEASES`."""
RELEASE_SECONDS = 5.0
"""How long a connection in another process may take to end a session that is resumed; it looks every `POLL_SECONDS`."""
RELEASE_POLL_SECONDS = 0.2
IDLE_SECONDS = 300
"""How long a connection may be open without a frame."""
IDLE: Refusal = (CloseCode.IDLE, "idle", format_lazy(_("No frame came for {seconds} seconds."), seconds=IDLE_SECONDS))
P = ParamSpec("P")
T = TypeVar("T")
logger = logging.getLogger(__name__)


class ConnectionRegistry:
    """The open connections, used on the event loop only.

    Database queries run on three threads: one reads, one writes what is recorded, one writes the connections' rows. On
    the thread that Channels shares between all consumers, a write that waits for a locked database would block sign-ins
    and the checks for sign-outs.
    """

    def __init__(self) -> None:
        self.recorder = LiveRecorder()
        self.is_stopping = False
        self._open: list[BaseConsumer] = []
        # Tokens of closed connections that still have a row.
        self._closed: dict[uuid.UUID, object] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="live-reading")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="live-writing")
        self._rows = ThreadPoolExecutor(1, thread_name_prefix="live-connections")
        self._is_failing = False
        self._marked_at = 0.0
        self._renewed_at = time.monotonic()

    def __len__(self) -> int:
        return len(self._open)

    async def register(self, connection: BaseConsumer) -> bool:
        """Add a connection; return False if its user has as many as allowed, here and in other processes."""
        assert connection.sign_in is not None
        if sum(other.user_id == connection.user_id for other in self._open) >= rows.MAX_CONNECTIONS_PER_USER:
            return False
        self._open.append(connection)
        user, closed = connection.sign_in.user, list(self._closed)
        try:
            is_allowed = await _run_on(
                self._rows, rows.open_connection, token=connection.token, user=user, closed=closed
            )
        except OperationalError:
            # The next heartbeat saves it.
            is_allowed = True
        if not is_allowed:
            # A heartbeat may have saved it meanwhile.
            self.unregister(connection)
        for loop in (self._poll_loop, self._write_loop):
            # A loop ends by itself when nothing is left to do.
            self._start(loop.__name__, loop)
        return is_allowed

    def unregister(self, connection: BaseConsumer) -> None:
        if connection in self._open:
            self._open.remove(connection)
            self._closed[connection.token] = connection.user_id
            self._start("release", self._release)

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
        """Have the user's other connections to `session`, in any process, save what they recorded and close.

        A process that does not do so within `RELEASE_SECONDS` can write no more to the session once it is resumed.
        """
        assert connection.sign_in is not None
        for other in list(self._open):
            if other is not connection and (other.user_id, str(other.session_id)) == (connection.user_id, session):
                await other.refuse(*TAKEN_OVER)
        await self.flush()
        deadline = time.monotonic() + RELEASE_SECONDS
        ask = partial(sessions.request_session, owner=connection.sign_in.user, session_id=session)
        while (holder := await self.write(ask)) not in (None, connection.token):
            if not await self.read(rows.is_connected, token=holder):
                return
            if time.monotonic() > deadline:
                logger.warning("The session %s is resumed though its connection did not end it", session)
                return
            await asyncio.sleep(RELEASE_POLL_SECONDS)

    async def stop(self, *, seconds: float = 5.0) -> None:
        """Write what is recorded, and close every connection with a code after which clients reconnect elsewhere."""
        self.is_stopping = True
        ended = list(self._open)
        for connection in ended:
            connection.end()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        try:
            await asyncio.wait_for(self._release(), seconds)
        except TimeoutError:
            logger.error("The last seconds of live sessions could not be written")
        await asyncio.gather(*(connection.send_end(*RESTARTING) for connection in ended))

    def _start(self, name: str, work: Callable[[], Coroutine[object, object, None]]) -> None:
        """Start `work` as a task, unless it runs already."""
        if not self.is_stopping and (name not in self._tasks or self._tasks[name].done()):
            self._tasks[name] = asyncio.create_task(work())

    async def _release(self) -> None:
        """Write what closed connections recorded, then delete their rows, so that their sessions may be resumed."""
        try:
            while (closed := list(self._closed)) and await self.flush():
                await _run_on(self._rows, rows.close_connections, tokens=closed)
                for token in closed:
                    del self._closed[token]
        except Exception as error:
            # Tried again with the next write.
            logger.warning("Closed live connections could not be deleted: %s", error)

    async def _poll_loop(self) -> None:
        while self._open:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self._close_ended()
                await self._renew()
            except Exception:
                logger.exception("Checking live connections")

    async def _write_loop(self) -> None:
        while self._open or self._closed or not self.recorder.is_empty:
            await asyncio.sleep(WRITE_SECONDS)
            if time.monotonic() - self._marked_at >= ALIVE_SECONDS:
                self._marked_at = time.monotonic()
                for session_id in filter(None, (connection.session_id for connection in self._open)):
                    self.recorder.add(session_id)
            try:
                await self.flush()
            except Exception:
                logger.exception("Writing live sessions")
            self._start("release", self._release)

    async def _renew(self) -> None:
        """Send a heartbeat for the connections of this process."""
        if time.monotonic() - self._renewed_at < HEARTBEAT_SECONDS:
            return
        self._renewed_at = time.monotonic()
        users = {connection.token: connection.user_id for connection in self._open}
        try:
            await _run_on(self._rows, rows.renew_connections, users=users, closed=list(self._closed))
        except DatabaseError as error:
            logger.warning("The heartbeat of live connections failed: %s", error)

    async def _close_ended(self) -> None:
        """Close the connections that are idle, signed out or without consent."""
        checked = list(self._open)
        sign_ins = {connection.sign_in for connection in checked if connection.sign_in}
        started = {connection.user_id for connection in checked if connection.tracker}
        trackers = {connection.tracker for connection in checked}
        tokens = {connection.session_id: connection.token for connection in checked if connection.session_id}

        def look_up() -> tuple[set[SignIn], set[object], set[uuid.UUID]]:
            taken = sessions.taken_sessions(tokens=tokens) if tokens else set()
            return valid_sign_ins(sign_ins), consenting_users(started), taken

        try:
            valid, consenting, taken = await self.read(look_up)
        except Exception as error:
            if not self._is_failing:
                logger.error("The sign-ins of live connections could not be looked up: %s", error)
            self._is_failing = True
            return
        self._is_failing = False
        closing = []
        for connection in checked:
            if connection.sign_in not in valid:
                closing.append(connection.refuse(*SIGNED_OUT))
            elif connection.tracker and connection.user_id in started - consenting:
                closing.append(connection.refuse(*NO_CONSENT))
            elif connection.session_id in taken and connection.tracker in trackers:
                closing.append(connection.refuse(*TAKEN_OVER))
            elif time.monotonic() - connection.frame_at > IDLE_SECONDS:
                closing.append(connection.refuse(*IDLE))
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

    # With the language of whoever asks, in which a session is named.
    return await asyncio.get_running_loop().run_in_executor(thread, copy_context().run, work)
