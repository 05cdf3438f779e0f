"""What a started connection remembers from frame to frame."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.live import messages
from analysis.live.frames import FrameSlot
from analysis.live.messages import Frame, MessageError
from analysis.live.recorder import LiveRecorder
from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Recognition
from analysis.recognition.images import decode_timed
from analysis.recognition.recognizer import Recognizer
from analysis.recognition.tracking.per_second import FaceSecond, SecondsAggregator
from analysis.recognition.tracking.prediction import BoxPredictor
from analysis.recognition.tracking.tracker import TrackedFace, Tracker
from analysis.sessions.services import NewSample


@dataclass(frozen=True)
class Recording:
    """Where a connection's seconds go: `elapsed` of them had passed, and `last_face` faces been seen, before it."""

    session_id: uuid.UUID
    elapsed: float = 0.0
    last_face: int = 0


class LiveFaces:
    """Follows the faces in one start's frames, which come in `slot`, and keeps their seconds if they are recorded.

    `answer` runs on recognition threads, one call at a time; the rest may be called from any thread.
    """

    def __init__(
        self, *, slot: FrameSlot, smoothing: float, recorder: LiveRecorder, recording: Recording | None
    ) -> None:
        self.slot = slot
        self.recording = recording
        self.frames = 0
        self._recorder = recorder
        self._began = time.perf_counter()
        self._dropped_counted = 0
        self._lock = threading.Lock()
        self._predictor = BoxPredictor()
        self._tracker = Tracker(smoothing=smoothing, last_id=recording.last_face if recording else 0)
        self._seconds = SecondsAggregator()
        self._model = ""
        self._ended = False

    @property
    def dropped(self) -> int:
        return self.slot.dropped

    def smooth(self, smoothing: float) -> None:
        with self._lock:
            self._tracker.smoothing = smoothing

    def answer(self, recognizer: Recognizer) -> str | None:
        """Recognize the frame that is the newest now; None when none is left. Raises `MessageError` for a bad one."""
        frame = self.slot.take()
        if frame is None or self._ended:
            return None
        began = time.perf_counter()
        recognition = self._recognize(frame, recognizer)
        with self._lock:
            if self._ended:
                return None
            at = began - self._began
            tracked = self._tracker.update(recognition.faces, at)
            self.frames += 1
            self._keep(at, tracked, recognition.model)
        message = messages.faces(
            frame,
            tracked,
            dropped=self.dropped,
            queue=1000 * (began - frame.received_at),
            milliseconds=recognition.milliseconds,
        )
        return messages.encode(message)

    def end(self) -> None:
        """Keep what is not kept yet; later frames are not answered."""
        with self._lock:
            if self._ended:
                return
            self._ended = True
            self._record(self._seconds.flush(), frames=0)

    def _recognize(self, frame: Frame, recognizer: Recognizer) -> Recognition:
        try:
            image, decode_ms = decode_timed(frame.jpeg, max_pixels=messages.FRAME_PIXELS)
        except RecognitionError as error:
            raise MessageError("bad_frame", error.message, sequence=frame.sequence) from error
        # When it came tells when it was taken better than when its turn came.
        return recognizer.recognize_frame(image, self._predictor, frame.received_at, decode_ms=decode_ms)

    def _keep(self, at: float, tracked: Sequence[TrackedFace], model: str) -> None:
        if self.recording is None:
            return
        # A second belongs to one version; another one begins a second of its own.
        done = self._seconds.flush() if model != self._model else []
        if done:
            self._record(done, frames=0)
        self._model = model
        self._record(self._seconds.add(self.recording.elapsed + at, tracked), frames=1)

    def _record(self, seconds: list[FaceSecond], *, frames: int) -> None:
        if self.recording is None:
            return
        recording = self.recording
        samples = [
            NewSample(
                recording.session_id,
                second.second,
                second.face,
                second.frames,
                self._model,
                second.probabilities,
            )
            for second in seconds
        ]
        dropped = self.slot.dropped
        self._recorder.add(recording.session_id, samples, frames=frames, dropped=dropped - self._dropped_counted)
        self._dropped_counted = dropped
