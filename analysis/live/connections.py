"""All live connections of this process: how many a person may have, whose time is over, what is to be written."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, ParamSpec, Protocol, TypeVar

from django.db import connections

from analysis.live.auth import people_consenting, standing_sign_ins
from analysis.live.messages import Close
from analysis.live.recorder import LiveRecorder

MOST_OF_A_USER = 4
LOOK_SECONDS = 2.0
"""How often sign-ins and consents are looked at: what ended closes its connection within twice that."""
WRITE_SECONDS = 2.0
ALIVE_SECONDS = 30.0
"""How often a session in which nothing happens is noted to be alive; see `analysis.sessions.services.ABANDONED`."""
IDLE_SECONDS = 300
"""So long a connection may be open without a frame."""
P = ParamSpec("P")
T = TypeVar("T")
logger = logging.getLogger(__name__)


class Connection(Protocol):
    """What the registry needs of a live connection."""

    user_id: int
    session_id: str | None
    sign_in: str | None

    @property
    def is_started(self) -> bool: ...

    @property
    def idle_seconds(self) -> float: ...

    def touch(self) -> None: ...

    async def refuse(self, close: Close, code: str, message: str) -> None: ...

    async def refuse_without_consent(self) -> None: ...

    async def refuse_to_restart(self) -> None: ...


class LiveHub:
    """Used on the event loop alone. The database is asked on two threads of its own: one reads, one writes.

    Channels' shared thread is no place for it: a write that waits for a locked database would keep everybody
    from signing in, and sign-outs from being noticed.
    """

    def __init__(self) -> None:
        self.recorder = LiveRecorder()
        self._open: list[Connection] = []
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="live-reading")
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="live-writing")
        self.is_stopping = False
        self._cannot_look = False
        self._touched_at = 0.0

    def enter(self, consumer: Connection) -> bool:
        """Take a connection in; False when its person has as many as they may."""
        if sum(other.user_id == consumer.user_id for other in self._open) >= MOST_OF_A_USER:
            return False
        self._open.append(consumer)
        self._begin("looking", self._look_for_good)
        self._begin("writing", self._write_for_good)
        return True

    def leave(self, consumer: Connection) -> None:
        if consumer in self._open:
            self._open.remove(consumer)

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Await what `function` reads from the database."""
        return await _on(self._reading, function, *args, **kwargs)

    async def write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Await what `function` writes to the database, after what was to be written before."""
        return await _on(self._writing, function, *args, **kwargs)

    async def keep(self) -> bool:
        """Write now what sessions have kept; return whether it is written."""
        return await self.write(self.recorder.write)

    async def take_over(self, session: str, consumer: Connection) -> None:
        """End whichever other connection of that person still holds a session, and write what it kept."""
        for other in list(self._open):
            if other is not consumer and other.user_id == consumer.user_id and other.session_id == session:
                await other.refuse(Close.TAKEN_OVER, "taken_over", "This session goes on in another connection.")
        await self.keep()

    async def stop(self, *, seconds: float = 5.0) -> None:
        """Close every connection so that pages come back, and write what is to be kept."""
        self.is_stopping = True
        await asyncio.gather(*(consumer.refuse_to_restart() for consumer in list(self._open)))
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        try:
            await asyncio.wait_for(self.keep(), seconds)
        except TimeoutError:
            logger.error("The last seconds of live sessions could not be written")

    def _begin(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Each ends by itself when there is nothing left to do."""
        if name not in self._tasks or self._tasks[name].done():
            self._tasks[name] = asyncio.create_task(work())

    async def _look_for_good(self) -> None:
        while self._open:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look()
            except Exception:
                logger.exception("Looking after live connections")

    async def _write_for_good(self) -> None:
        while self._open or not self.recorder.is_empty:
            await asyncio.sleep(WRITE_SECONDS)
            self._touch()
            try:
                await self.keep()
            except Exception:
                logger.exception("Writing live sessions")

    def _touch(self) -> None:
        if time.monotonic() - self._touched_at < ALIVE_SECONDS:
            return
        self._touched_at = time.monotonic()
        for consumer in self._open:
            consumer.touch()

    async def _look(self) -> None:
        """Close what is over: idle, signed out, or without consent."""
        people = list(self._open)
        sign_ins = {consumer.sign_in for consumer in people if consumer.sign_in}
        started = {consumer.user_id for consumer in people if consumer.is_started}
        try:
            standing, consenting = await self.read(lambda: (standing_sign_ins(sign_ins), people_consenting(started)))
        except Exception as error:
            if not self._cannot_look:
                logger.error("Who of the live connections is still signed in could not be looked up: %s", error)
            self._cannot_look = True
            return
        self._cannot_look = False
        closing = []
        for consumer in people:
            if consumer.sign_in not in standing:
                closing.append(consumer.refuse(Close.SIGN_IN, "signed_out", "You are signed out; sign in again."))
            elif consumer.is_started and consumer.user_id in started - consenting:
                closing.append(consumer.refuse_without_consent())
            elif consumer.idle_seconds > IDLE_SECONDS:
                closing.append(consumer.refuse(Close.IDLE, "idle", f"No frame came for {IDLE_SECONDS} seconds."))
        await asyncio.gather(*closing)


@cache
def get_hub() -> LiveHub:
    """Return this process' hub."""
    return LiveHub()


async def stop_connections() -> None:
    """Close this process' live connections; see `settings.SERVER_STOPPING`."""
    await get_hub().stop()


async def _on(pool: ThreadPoolExecutor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    def work() -> T:
        try:
            return function(*args, **kwargs)
        finally:
            # A connection kept open would go on reading a database that was replaced by its backup.
            connections.close_all()

    return await asyncio.get_running_loop().run_in_executor(pool, work)
