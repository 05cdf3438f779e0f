"""The live WebSocket: one consumer a connection."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import timezone

from analysis import engine, sessions
from analysis.errors import SessionError
from analysis.live import messages
from analysis.live.frames import FrameSlot, Pace
from analysis.live.hub import IDLE_SECONDS, MOST_OF_A_USER, get_hub
from analysis.live.messages import Close, MessageError, Set, Start, Stop
from analysis.live.sign_ins import SignIn, people_consenting
from analysis.live.tracked import LiveFaces, Recording
from analysis.recognition.errors import RecognitionError

MESSAGES_PER_SECOND = 120
MOST_BAD = 3
"""So many bad messages in a row end the connection."""
WAITING_CONTROLS = 8
SAY_SECONDS = 1.0
"""So long a connection that is to be closed may take to hear why."""
LIMITS = {
    "frame_bytes": messages.FRAME_BYTES,
    "frame_pixels": messages.FRAME_PIXELS,
    "messages_per_second": MESSAGES_PER_SECOND,
    "sessions": MOST_OF_A_USER,
    "idle_seconds": IDLE_SECONDS,
}
logger = logging.getLogger(__name__)


class LiveConsumer(AsyncWebsocketConsumer):
    """Answers frames; see docs/live-protocol.md.

    Receiving never waits, or messages would queue up in memory: frames go into a slot that holds one, text into a
    short queue, and a task works each off.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sign_in: SignIn | None = None
        self._faces: LiveFaces | None = None
        self._slot = FrameSlot()
        self._pace = Pace(MESSAGES_PER_SECOND, 2 * MESSAGES_PER_SECOND)
        self._controls: asyncio.Queue[Start | Set | Stop] = asyncio.Queue(WAITING_CONTROLS)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sayings: set[asyncio.Task[None]] = set()
        self._is_wanted = False
        self._is_refusing = False
        self._is_closed = False
        self._bad = 0
        self._frame_at = time.monotonic()

    @property
    def user_id(self) -> object:
        return self.sign_in.user.pk if self.sign_in else None

    @property
    def session_id(self) -> str | None:
        recording = self._faces.recording if self._faces else None
        return str(recording.session_id) if recording else None

    @property
    def is_started(self) -> bool:
        return self._faces is not None

    @property
    def idle_seconds(self) -> float:
        return time.monotonic() - self._frame_at

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels' own tidies database connections before each message, on the one thread that all consumers share.
        await getattr(self, message["type"].replace(".", "_"))(message)

    async def connect(self) -> None:
        await self.accept()
        self.sign_in = self.scope.get("sign_in")
        if self.sign_in is None:
            await self.refuse(Close.SIGN_IN, "not_signed_in", "Sign in first, or send a token that is valid.")
        elif get_hub().is_stopping:
            await self.refuse_to_restart()
        elif not get_hub().enter(self):
            message = f"You have {MOST_OF_A_USER} live connections already; close one of them."
            await self.refuse(Close.TOO_MANY, "too_many_sessions", message)
        else:
            self._run("controls", self._follow_controls())

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        self._end()
        raise StopConsumer

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self._is_closed or self._is_refusing:
            return
        if not self._pace.allows(time.monotonic()):
            message = f"expected {MESSAGES_PER_SECOND} messages a second at most."
            self._refuse_soon(Close.POLICY, "flood", message)
            return
        try:
            if bytes_data is not None:
                self._take_frame(bytes_data)
            else:
                self._take_control(text_data or "")
        except MessageError as error:
            self._complain(error)

    async def refuse(self, close: Close, code: str, message: str) -> None:
        """Say why, and close; whoever does not read is closed all the same."""
        if self._is_closed:
            return
        self._end()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.send(text_data=messages.encode(messages.error(code, message))), SAY_SECONDS)
        await self.close(code=int(close), reason=code)

    async def refuse_to_restart(self) -> None:
        await self.refuse(Close.RESTARTING, "restarting", "The server restarts; connect again shortly.")

    async def refuse_without_consent(self) -> None:
        message = (
            "You have not agreed that your camera's picture is analysed, or took it back; you can on the page Live."
        )
        await self.refuse(Close.NO_CONSENT, "no_consent", message)

    def touch(self) -> None:
        """Note that the session is alive, though nothing may happen in it."""
        if self._faces and self._faces.recording:
            get_hub().recorder.add(self._faces.recording.session_id)

    def _take_frame(self, data: bytes) -> None:
        frame = messages.read_frame(data, received_at=time.perf_counter())
        if not self._is_wanted:
            raise MessageError("not_started", 'expected {"type": "start"} before frames.', sequence=frame.sequence)
        self._frame_at = time.monotonic()
        self._slot.put(frame)
        self._work()

    def _take_control(self, text: str) -> None:
        control = messages.read_control(text)
        if self._controls.full():
            raise MessageError("bad_message", "expected an answer to be awaited before the next message.")
        self._controls.put_nowait(control)
        # What counts is what was asked for, whether or not it is done yet: frames may follow a start at once.
        self._is_wanted = isinstance(control, Start) or (self._is_wanted and not isinstance(control, Stop))

    async def _follow_controls(self) -> None:
        while not self._is_closed:
            control = await self._controls.get()
            try:
                await self._follow(control)
                self._bad = 0
            except MessageError as error:
                self._is_wanted = self._is_wanted and self.is_started
                self._complain(error)

    async def _follow(self, control: Start | Set | Stop) -> None:
        if isinstance(control, Start):
            await self._start(control)
        elif isinstance(control, Set):
            self._started().smooth(control.smoothing)
        else:
            await self._stop()

    async def _start(self, start: Start) -> None:
        if self._faces:
            raise MessageError("already_started", 'expected {"type": "stop"} before another start.')
        assert self.sign_in is not None
        if start.record and not self.sign_in.may_write:
            raise MessageError("read_only", "record: expected false, as this token may only read.")
        if not await get_hub().read(people_consenting, [self.user_id]):
            await self.refuse_without_consent()
            return
        try:
            model = await get_hub().read(lambda: engine.active_model().name)
            recording = await self._recording(start) if start.record else None
        except SessionError as error:
            await self.refuse(Close.NO_SUCH_SESSION, error.code, error.message)
            return
        except RecognitionError as error:
            raise MessageError(error.code, error.message) from error
        if self._is_closed:
            return
        self._faces = LiveFaces(
            slot=self._slot, smoothing=start.smoothing, recorder=get_hub().recorder, recording=recording
        )
        await self._say(messages.started(session=self.session_id, model=model, limits=LIMITS))
        self._work()

    async def _recording(self, start: Start) -> Recording:
        assert self.sign_in is not None
        hub, user = get_hub(), self.sign_in.user
        if start.session is None:
            session = await hub.write(sessions.start_session, owner=user)
            return Recording(session.pk)
        await hub.take_over(start.session, self)
        resumed = await hub.write(sessions.resume_session, owner=user, session_id=start.session)
        elapsed = timezone.now() - resumed.session.started_at
        return Recording(resumed.session.pk, max(elapsed.total_seconds(), 0.0), resumed.last_face)

    async def _stop(self) -> None:
        faces = self._started()
        self._slot.clear()
        if work := self._tasks.get("work"):
            await asyncio.wait([work])
        session, saved = self.session_id, True
        self._end_faces()
        if session:
            saved = await get_hub().keep()
            if saved and await get_hub().write(sessions.discard_empty_session, session_id=session):
                session = None
        await self._say(messages.stopped(session=session, frames=faces.frames, dropped=faces.dropped, saved=saved))

    def _started(self) -> LiveFaces:
        if self._faces is None:
            raise MessageError("not_started", 'expected {"type": "start"} first.')
        return self._faces

    def _work(self) -> None:
        """Have the waiting frame worked on, unless one is."""
        if self._faces and self._slot and not self._is_closed and not self._is_running("work"):
            self._run("work", self._answer_frames(self._faces))

    async def _answer_frames(self, faces: LiveFaces) -> None:
        while self._slot:
            try:
                answer = await asyncio.wrap_future(engine.submit(faces.answer))
            except MessageError as error:
                self._complain(error)
            except RecognitionError as error:
                self._slot.clear()
                if error.code == "busy":
                    return
                await self._say(messages.error(error.code, error.message))
            else:
                self._bad = 0
                if answer is not None and not self._is_closed:
                    await self.send(text_data=answer)

    def _complain(self, error: MessageError) -> None:
        """Answer a bad message; the third in a row ends the connection."""
        self._bad += 1
        self._soon(self._say(messages.error(error.code, error.message, sequence=error.sequence)))
        if self._bad >= MOST_BAD:
            self._refuse_soon(Close.POLICY, "bad_messages", f"{MOST_BAD} messages in a row were bad.")

    def _refuse_soon(self, close: Close, code: str, message: str) -> None:
        self._is_refusing = True
        self._soon(self.refuse(close, code, message))

    async def _say(self, message: messages.Message) -> None:
        if not self._is_closed:
            await self.send(text_data=messages.encode(message))

    def _end(self) -> None:
        """Let go of everything but the socket; nothing here waits."""
        self._is_closed = True
        get_hub().leave(self)
        self._slot.clear()
        self._end_faces()
        for task in self._tasks.values():
            if task is not asyncio.current_task():
                task.cancel()

    def _end_faces(self) -> None:
        faces, self._faces = self._faces, None
        if faces is None:
            return
        faces.end()
        if faces.recording:
            get_hub().recorder.end(faces.recording.session_id, timezone.now())

    def _is_running(self, name: str) -> bool:
        return name in self._tasks and not self._tasks[name].done()

    def _run(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks[name] = asyncio.create_task(self._guarded(work))

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Say something from where nothing may wait."""
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
