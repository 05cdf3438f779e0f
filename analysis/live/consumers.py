"""The live WebSocket consumers."""

from __future__ import annotations

import asyncio
import time
from contextvars import copy_context
from functools import partial
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import timezone
from django.utils.translation import gettext

from analysis import engine
from analysis.errors import SessionError
from analysis.live import messages
from analysis.live.auth import consenting_users
from analysis.live.base_consumer import MESSAGES_PER_SECOND, BaseConsumer
from analysis.live.connections import IDLE_SECONDS, get_registry
from analysis.live.face_tracker import FaceTracker, FrameSlot, Recording
from analysis.live.messages import CloseCode, Control, MessageError, Set, Start
from analysis.live.services import MAX_CONNECTIONS_PER_USER
from analysis.recognition.errors import RecognitionError
from analysis.sessions import services as sessions
from ferproject.errors import translated_message

MAX_QUEUED_CONTROLS = 8
BUSY_SECONDS = 0.05
START, STOP = '{"type": "start"}', '{"type": "stop"}'
LIMITS = {
    "frame_bytes": messages.FRAME_BYTES,
    "frame_pixels": messages.FRAME_PIXELS,
    "messages_per_second": MESSAGES_PER_SECOND,
    "sessions": MAX_CONNECTIONS_PER_USER,
    "idle_seconds": IDLE_SECONDS,
}


class LiveConsumer(BaseConsumer):
    """Answers frames; see docs/live-protocol.md.

    Frames go into a slot for one, control messages into a short queue; a task processes each. Every start has its own
    slot, because its frames may come while the session before it is still being stopped.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._slot = FrameSlot()
        self._controls: asyncio.Queue[tuple[Control, FrameSlot]] = asyncio.Queue(MAX_QUEUED_CONTROLS)
        self._expects_frames = False

    async def connect(self) -> None:
        await self.accept()
        self.sign_in = self.scope.get("sign_in")
        if self.sign_in is None:
            message = gettext("Sign in first, or send a valid token.")
            await self.refuse(CloseCode.SIGN_IN, "not_signed_in", message)
        elif get_registry().is_stopping:
            await self.refuse(*messages.RESTARTING)
        elif not await get_registry().register(self):
            message = gettext("You already have %(count)s live connections. Close one of them.")
            await self.refuse(CloseCode.TOO_MANY, "too_many_sessions", message % {"count": MAX_CONNECTIONS_PER_USER})
        else:
            self.start_task("controls", self._process_controls())

    def receive_frame(self, data: bytes) -> None:
        frame = messages.parse_frame(data, received_at=time.perf_counter())
        if not self._expects_frames:
            message = gettext("Expected %(expected)s before frames.") % {"expected": START}
            raise MessageError("not_started", message, sequence=frame.sequence)
        self.frame_at = time.monotonic()
        self._slot.put(frame)
        self._process_frames()

    def receive_control(self, text: str) -> None:
        control = messages.parse_control(text)
        if self._controls.full():
            raise MessageError("bad_message", gettext("Wait for an answer before you send the next message."))
        # A start or stop applies to the frames after it, even before it is processed.
        if isinstance(control, Start) and not self._expects_frames:
            self._expects_frames, self._slot = True, FrameSlot()
        elif isinstance(control, messages.Stop):
            self._expects_frames = False
            self._slot.clear()
        self._controls.put_nowait((control, self._slot))

    def on_close(self) -> None:
        get_registry().unregister(self)
        self._slot.clear()
        self._end_tracker()

    async def _process_controls(self) -> None:
        while not self.is_closed:
            control, slot = await self._controls.get()
            try:
                if isinstance(control, Start):
                    await self._start(control, slot)
                elif isinstance(control, Set):
                    self._started_tracker().set_smoothing(control.smoothing)
                else:
                    await self._stop()
                self.reset_errors()
            except (MessageError, RecognitionError) as error:
                # A queued start may follow the failed message.
                self._expects_frames = self._expects_frames and (self.tracker is not None or not self._controls.empty())
                if isinstance(error, MessageError):
                    self.report_error(error)
                else:  # the server's fault, which does not count as the client's error
                    await self.send_message(messages.error_message(error.code, translated_message(error)))

    async def _start(self, start: Start, slot: FrameSlot) -> None:
        registry = get_registry()
        if self.tracker:
            message = gettext("Expected %(expected)s before another start.") % {"expected": STOP}
            raise MessageError("already_started", message)
        if start.record and self.sign_in and not self.sign_in.may_write:
            raise MessageError("read_only", gettext("record: expected false, because this token can only read."))
        name = _checked_name(start)
        if not await registry.read(consenting_users, [self.user_id]):
            await self.refuse(*messages.NO_CONSENT)
            return
        try:
            model = await registry.read(lambda: engine.ready_model().name)
            recording = await self._start_recording(start.session, name) if start.record else None
        except SessionError as error:
            await self.refuse(CloseCode.NO_SUCH_SESSION, error.code, error.message)
            return
        self.tracker = FaceTracker(
            slot=slot, smoothing=start.smoothing, recorder=registry.recorder, recording=recording
        )
        await self.send_message({"type": "started", "session": self.session_id, "model": model, "limits": LIMITS})
        self._process_frames()

    async def _start_recording(self, session_id: str | None, name: str) -> Recording:
        assert self.sign_in is not None
        registry, user = get_registry(), self.sign_in.user
        if session_id is None:
            session = await registry.write(sessions.start_session, owner=user, name=name, token=self.token)
            return Recording(session.pk, self.token)
        await registry.take_over(session_id, self)
        session, last_face = await registry.write(
            sessions.resume_session, owner=user, session_id=session_id, token=self.token
        )
        elapsed = timezone.now() - session.started_at
        return Recording(session.pk, self.token, max(elapsed.total_seconds(), 0.0), last_face)

    async def _stop(self) -> None:
        tracker = self._started_tracker()
        if self.is_running("frames"):
            await asyncio.wait([self.tasks["frames"]])
        session, saved = self.session_id, True
        self._end_tracker()
        if tracker.recording:
            saved = await get_registry().flush()
            discard, session_id = sessions.discard_empty_session, tracker.recording.session_id
            if saved and await get_registry().write(discard, session_id=session_id):
                session = None
        await self.send_message(
            {
                "type": "stopped",
                "session": session,
                "frames": tracker.frames,
                "dropped": tracker.slot.dropped,
                "saved": saved,
            }
        )

    def _started_tracker(self) -> FaceTracker:
        if self.tracker is None:
            raise MessageError("not_started", gettext("Expected %(expected)s first.") % {"expected": START})
        return self.tracker

    def _process_frames(self) -> None:
        """Start processing the waiting frame, unless another one is being processed."""
        if self.tracker and self.tracker.slot and not self.is_closed and not self.is_running("frames"):
            self.start_task("frames", self._answer_frames(self.tracker))

    async def _answer_frames(self, tracker: FaceTracker) -> None:
        while tracker.slot:
            try:
                # In this connection's language.
                process = partial(copy_context().run, tracker.process_frame)
                answer = await asyncio.wrap_future(engine.submit(process, owner=self.user_id))
            except MessageError as error:
                self.report_error(error)
            except RecognitionError as error:
                if error.code == "busy":
                    # The frame stays in the slot, and is dropped if a newer one comes.
                    await asyncio.sleep(BUSY_SECONDS)
                    continue
                tracker.slot.clear()
                await self.send_message(messages.error_message(error.code, translated_message(error)))
            else:
                self.reset_errors()
                self.limiter.refund()
                if answer is not None and not self.is_closed:
                    await self.send(text_data=answer)

    def _end_tracker(self) -> None:
        tracker, self.tracker = self.tracker, None
        if tracker:
            tracker.end()
            if tracker.recording:
                get_registry().recorder.end(tracker.recording.session_id, timezone.now(), tracker.recording.token)


def _checked_name(start: Start) -> str:
    """Return the name of the session to start, "" for the usual one; raise `MessageError`."""
    try:
        return sessions.clean_name(start.name) if start.name else ""
    except SessionError as error:
        message = gettext("name: %(reason)s") % {"reason": error.message}
        raise MessageError("bad_message", message) from error


class ForeignOriginConsumer(AsyncWebsocketConsumer):
    """Refuses another site's page, after accepting: browsers do not report the reason of a failed handshake."""

    async def connect(self) -> None:
        await self.accept()
        message = gettext("Connect from a page of this site or, as a program, with a token and without Origin.")
        await self.send(text_data=messages.encode(messages.error_message("foreign_origin", message)))
        await self.close(code=int(CloseCode.FOREIGN_ORIGIN), reason="foreign_origin")
