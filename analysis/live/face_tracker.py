"""Tracks and records the faces of one started live session."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.live import messages
from analysis.live.messages import JpegFrame, MessageError
from analysis.live.recorder import LiveRecorder
from analysis.recognition.detectors.sequence import SequenceSearch
from analysis.recognition.errors import RecognitionError
from analysis.recognition.frame_jpeg import decode_timed
from analysis.recognition.recognizer import Recognizer
from analysis.recognition.result import Recognition
from analysis.recognition.tracking.per_second import FaceSecond, SecondsAggregator
from analysis.recognition.tracking.tracker import TrackedFace, Tracker
from analysis.sessions.services import NewSample
from ferproject.errors import translated_message

frame_observers: list[Callable[[float, Sequence[TrackedFace]], None]] = []
"""Called with the seconds from a frame's arrival to its answer, and the faces in it; see `analysis.metrics`."""


class FrameSlot:
    """Holds the newest frame until a recognition thread takes it; `dropped` counts the replaced and cleared ones."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frame: JpegFrame | None = None
        self.dropped = 0

    def put(self, frame: JpegFrame | None) -> None:
        with self._lock:
            self.dropped += self._frame is not None
            self._frame = frame

    def take(self) -> JpegFrame | None:
        with self._lock:
            frame, self._frame = self._frame, None
        return frame

    def clear(self) -> None:
        self.put(None)

    def __bool__(self) -> bool:
        return self._frame is not None


@dataclass(frozen=True)
class Recording:
    """The session that the connection of `token` records; before a resume it lasted `elapsed` seconds.

    `last_face` is the number of its last face before.
    """

    session_id: uuid.UUID
    token: uuid.UUID | None = None
    elapsed: float = 0.0
    last_face: int = 0


class FaceTracker:
    """Tracks the faces in the frames of `slot`, and records them if `recording` is given.

    `process_frame` runs on recognition threads, one call at a time; the other methods are thread-safe.
    """

    def __init__(
        self, *, slot: FrameSlot, smoothing: float, recorder: LiveRecorder, recording: Recording | None
    ) -> None:
        self.slot = slot
        self.recording = recording
        self.frames = 0
        self._recorder = recorder
        self._started_at = time.perf_counter()
        self._recorded_drops = 0
        self._lock = threading.Lock()
        self._sequence = SequenceSearch()
        self._tracker = Tracker(smoothing=smoothing, last_id=recording.last_face if recording else 0)
        self._aggregator = SecondsAggregator()
        self._model = ""
        self._has_ended = False

    def set_smoothing(self, smoothing: float) -> None:
        with self._lock:
            self._tracker.smoothing = smoothing

    def process_frame(self, recognizer: Recognizer) -> str | None:
        """Take the newest frame and return the encoded answer, None without a frame; raise `MessageError`."""
        frame = self.slot.take()
        if frame is None or self._has_ended:
            return None
        began = time.perf_counter()
        recognition = self._recognize(frame, recognizer)
        with self._lock:
            if self._has_ended:
                return None
            at = began - self._started_at
            faces = self._tracker.update(recognition.faces, at)
            self.frames += 1
            if self.recording:
                # A sample has one model version; a new version begins a new second.
                if recognition.model != self._model:
                    self._record(self._aggregator.flush(), frames=0)
                self._model = recognition.model
                self._record(self._aggregator.add(self.recording.elapsed + at, faces), frames=1)
        message = messages.faces_message(
            frame,
            faces,
            dropped=self.slot.dropped,
            queue=1000 * (began - frame.received_at),
            milliseconds=recognition.milliseconds,
        )
        answer = messages.encode(message)
        for observe in frame_observers:
            observe(time.perf_counter() - frame.received_at, faces)
        return answer

    def end(self) -> None:
        """Record the last second; later frames are not answered."""
        with self._lock:
            if not self._has_ended:
                self._has_ended = True
                self._record(self._aggregator.flush(), frames=0)

    def _recognize(self, frame: JpegFrame, recognizer: Recognizer) -> Recognition:
        try:
            image, decode_ms = decode_timed(frame.jpeg, max_pixels=messages.FRAME_PIXELS)
        except RecognitionError as error:
            raise MessageError("bad_frame", translated_message(error), sequence=frame.sequence) from error
        # The time of arrival is closer to the time of capture than the time of processing.
        return recognizer.recognize_frame(image, self._sequence, frame.received_at, decode_ms=decode_ms)

    def _record(self, seconds: list[FaceSecond], *, frames: int) -> None:
        if self.recording is None:
            return
        session_id, token, dropped = self.recording.session_id, self.recording.token, self.slot.dropped
        samples = [
            NewSample(
                session_id, each.second, each.face, each.frames, self._model, each.probabilities, each.score, token
            )
            for each in seconds
        ]
        self._recorder.add(session_id, samples, frames=frames, dropped=dropped - self._recorded_drops)
        self._recorded_drops = dropped
