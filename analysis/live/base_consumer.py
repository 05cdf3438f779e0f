"""Base of the live WebSocket consumer: receives without waiting and works in tasks."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import translation
from django.utils.translation import gettext

from analysis.live.auth import SignIn
from analysis.live.face_tracker import FaceTracker
from analysis.live.messages import CloseCode, Message, MessageError, encode, error_message

MESSAGES_PER_SECOND = 120
MAX_BAD_MESSAGES = 3
"""In a row; the last one ends the connection."""
SEND_SECONDS = 1.0
"""How long a client may take to read why its connection is closed."""
logger = logging.getLogger(__name__)


class RateLimiter:
    """A token bucket: allows `rate` messages a second and bursts of `burst`."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at = 0.0

    def allows(self, now: float) -> bool:
        """Count a message at `now` seconds; return False if it exceeds the limit."""
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def refund(self) -> None:
        """Uncount a message that was answered, so that a client that waits for answers is never limited."""
        self._left = min(self._burst, self._left + 1)


class BaseConsumer(AsyncWebsocketConsumer):
    """Receives messages as they come, so that they do not queue up in memory.

    A subclass's `receive_frame` and `receive_control` may raise `MessageError`; anything slow they start as a task.
    `tracker` is set while a session is started; `frame_at` is when the last frame came (`time.monotonic`).
    `token` names the connection among those of all processes.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.token = uuid.uuid4()
        self.sign_in: SignIn | None = None
        self.tracker: FaceTracker | None = None
        self.frame_at = time.monotonic()
        self.is_closed = False
        self._is_refusing = False
        self._errors = 0
        self.limiter = RateLimiter(MESSAGES_PER_SECOND, 2 * MESSAGES_PER_SECOND)
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._language: str | None = None

    @property
    def user_id(self) -> object:
        return self.sign_in.user.pk if self.sign_in else None

    @property
    def session_id(self) -> uuid.UUID | None:
        """The id of the recorded session, None without one."""
        return self.tracker.recording.session_id if self.tracker and self.tracker.recording else None

    def receive_frame(self, data: bytes) -> None:
        raise NotImplementedError

    def receive_control(self, text: str) -> None:
        raise NotImplementedError

    def on_close(self) -> None:
        """Release what the connection holds; called once, and must not wait."""
        raise NotImplementedError

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        # Channels' own loop takes several rounds of the event loop for each message, during which a flood brings many
        # more, and closes database connections before each, on the one thread that all consumers share.
        self.scope, self.base_send = scope, send
        self._language = translation.get_language()
        try:
            with suppress(StopConsumer):
                while True:
                    message = await receive()
                    await getattr(self, message["type"].replace(".", "_"))(message)
        finally:
            self.end()

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        self.end()
        raise StopConsumer

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.is_closed or self._is_refusing:
            return
        if not self.limiter.allows(time.monotonic()):
            message = gettext("Expected up to %(limit)s unanswered messages per second.")
            self._refuse_in_task(CloseCode.POLICY, "flood", message % {"limit": MESSAGES_PER_SECOND})
            return
        try:
            if bytes_data is not None:
                self.receive_frame(bytes_data)
            else:
                self.receive_control(text_data or "")
        except MessageError as error:
            self.report_error(error)

    async def refuse(self, close: CloseCode, code: str, message: str) -> None:
        """Send an error and close, even if the client does not read it."""
        if not self.is_closed:
            self.end()
            await self.send_end(close, code, message)

    async def send_end(self, close: CloseCode, code: str, message: str) -> None:
        """Tell the client why its connection, which `end` has ended, is closed, and close it."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.send(text_data=self._encode(error_message(code, message))), SEND_SECONDS)
        await self.close(code=int(close), reason=code)

    async def send_message(self, message: Message) -> None:
        if not self.is_closed:
            await self.send(text_data=self._encode(message))

    def _encode(self, message: Message) -> str:
        # The registry sends to connections in other languages than its own task's.
        with translation.override(self._language):
            return encode(message)

    def report_error(self, error: MessageError) -> None:
        """Send an error in answer to a bad message; the third in a row ends the connection."""
        self._errors += 1
        self._run_in_task(self.send_message(error_message(error.code, error.message, sequence=error.sequence)))
        if self._errors >= MAX_BAD_MESSAGES:
            message = gettext("%(count)s messages in a row were invalid.") % {"count": MAX_BAD_MESSAGES}
            self._refuse_in_task(CloseCode.POLICY, "bad_messages", message)

    def reset_errors(self) -> None:
        self._errors = 0

    def start_task(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` until it is done or the connection ends."""
        self.tasks[name] = asyncio.create_task(self._guarded(work))

    def is_running(self, name: str) -> bool:
        return name in self.tasks and not self.tasks[name].done()

    def end(self) -> None:
        """Release what the connection holds, and answer nothing more."""
        if self.is_closed:
            return
        self.is_closed = True
        self.on_close()
        for task in self.tasks.values():
            if task is not asyncio.current_task():
                task.cancel()

    def _refuse_in_task(self, close: CloseCode, code: str, message: str) -> None:
        self._is_refusing = True
        self._run_in_task(self.refuse(close, code, message))

    def _run_in_task(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(work))
        # The event loop keeps weak references only.
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Log an unexpected exception and end the connection with a code after which clients reconnect."""
        try:
            await work
        except Exception:
            logger.exception("A live connection failed")
            await self.refuse(CloseCode.FAILED, "failed", gettext("Something went wrong on the server."))
