"""The live WebSocket: one consumer a connection."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from django.utils import timezone

from analysis import engine
from analysis.errors import SessionError
from analysis.live import messages
from analysis.live.auth import SignIn, people_consenting
from analysis.live.base_consumer import MESSAGES_PER_SECOND, Connection
from analysis.live.connections import IDLE_SECONDS, MOST_OF_A_USER, get_hub
from analysis.live.face_tracker import LiveFaces, Recording
from analysis.live.frames import FrameSlot
from analysis.live.messages import Close, MessageError, Set, Start, Stop
from analysis.recognition.errors import RecognitionError
from analysis.sessions import services as sessions

WAITING_CONTROLS = 8
BUSY_SECONDS = 0.05
LIMITS = {
    "frame_bytes": messages.FRAME_BYTES,
    "frame_pixels": messages.FRAME_PIXELS,
    "messages_per_second": MESSAGES_PER_SECOND,
    "sessions": MOST_OF_A_USER,
    "idle_seconds": IDLE_SECONDS,
}


class LiveConsumer(Connection):
    """Answers frames; see docs/live-protocol.md.

    Frames go into a slot that holds one, text into a short queue, and a task works each off. Every start has a slot
    of its own: what follows it may come while the session before it is still being ended, and is not that one's.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sign_in: SignIn | None = None
        self._faces: LiveFaces | None = None
        self._slot = FrameSlot()
        self._controls: asyncio.Queue[tuple[Start | Set | Stop, FrameSlot]] = asyncio.Queue(WAITING_CONTROLS)
        self._is_wanted = False
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
            self.run("controls", self._follow_controls())

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

    def take_frame(self, data: bytes) -> None:
        frame = messages.read_frame(data, received_at=time.perf_counter())
        if not self._is_wanted:
            raise MessageError("not_started", 'expected {"type": "start"} before frames.', sequence=frame.sequence)
        self._frame_at = time.monotonic()
        self._slot.put(frame)
        self._work()

    def take_control(self, text: str) -> None:
        control = messages.read_control(text)
        if self._controls.full():
            raise MessageError("bad_message", "expected an answer to be awaited before the next message.")
        # What counts is what was asked for, whether or not it is done yet: frames may follow a start at once.
        if isinstance(control, Start) and not self._is_wanted:
            self._is_wanted, self._slot = True, FrameSlot()
        elif isinstance(control, Stop):
            self._is_wanted = False
            self._slot.clear()
        self._controls.put_nowait((control, self._slot))

    def let_go(self) -> None:
        get_hub().leave(self)
        self._slot.clear()
        self._end_faces()

    async def _follow_controls(self) -> None:
        while not self.is_closed:
            control, slot = await self._controls.get()
            try:
                await self._follow(control, slot)
                self.praise()
            except MessageError as error:
                self._is_wanted = self._may_go_on
                self.complain(error)
            except RecognitionError as error:
                # The server's own trouble, of which a client may hear any number of times.
                self._is_wanted = self._may_go_on
                await self.say(messages.error(error.code, error.message))

    @property
    def _may_go_on(self) -> bool:
        """Whether frames may come after a message that failed: behind it another start may wait."""
        return self._is_wanted and (self.is_started or not self._controls.empty())

    async def _follow(self, control: Start | Set | Stop, slot: FrameSlot) -> None:
        if isinstance(control, Start):
            await self._start(control, slot)
        elif isinstance(control, Set):
            self._started().smooth(control.smoothing)
        else:
            await self._stop()

    async def _start(self, start: Start, slot: FrameSlot) -> None:
        if self._faces:
            raise MessageError("already_started", 'expected {"type": "stop"} before another start.')
        if start.record and self.sign_in and not self.sign_in.may_write:
            raise MessageError("read_only", "record: expected false, as this token may only read.")
        if not await get_hub().read(people_consenting, [self.user_id]):
            await self.refuse_without_consent()
            return
        try:
            model = await get_hub().read(lambda: engine.ready_model().name)
            recording = await self._recording(start) if start.record else None
        except SessionError as error:
            await self.refuse(Close.NO_SUCH_SESSION, error.code, error.message)
            return
        self._faces = LiveFaces(slot=slot, smoothing=start.smoothing, recorder=get_hub().recorder, recording=recording)
        await self.say(messages.started(session=self.session_id, model=model, limits=LIMITS))
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
        await self.done("work")
        recording, saved = faces.recording, True
        self._end_faces()
        if recording:
            saved = await get_hub().keep()
            if saved and await get_hub().write(sessions.discard_empty_session, session_id=recording.session_id):
                recording = None
        session = str(recording.session_id) if recording else None
        await self.say(messages.stopped(session=session, frames=faces.frames, dropped=faces.dropped, saved=saved))

    def _started(self) -> LiveFaces:
        if self._faces is None:
            raise MessageError("not_started", 'expected {"type": "start"} first.')
        return self._faces

    def _work(self) -> None:
        """Have the waiting frame worked on, unless one is."""
        if self._faces and self._faces.slot and not self.is_closed and not self.is_running("work"):
            self.run("work", self._answer_frames(self._faces))

    async def _answer_frames(self, faces: LiveFaces) -> None:
        while faces.slot:
            try:
                answer = await asyncio.wrap_future(engine.submit(faces.answer))
            except MessageError as error:
                self.complain(error)
            except RecognitionError as error:
                if error.code == "busy":
                    # The frame waits on, and counts as dropped if a newer one comes meanwhile.
                    await asyncio.sleep(BUSY_SECONDS)
                    continue
                faces.slot.clear()
                await self.say(messages.error(error.code, error.message))
            else:
                self.answered()
                if answer is not None and not self.is_closed:
                    await self.send(text_data=answer)

    def _end_faces(self) -> None:
        faces, self._faces = self._faces, None
        if faces is None:
            return
        faces.end()
        if faces.recording:
            get_hub().recorder.end(faces.recording.session_id, timezone.now())
