"""Streams a source's frames over a live connection, and writes them with the recognized faces to a video."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from analysis.client import AsyncLive, LiveAnswer, LiveError
from analysis.client.live_messages import FRAME_BYTES, FRAME_PIXELS, MAX_UNANSWERED, LiveFace
from analysis.live_client.sources import FrameSource
from analysis.recognition.drawing import draw_tracked
from analysis.recognition.emotions import Emotion
from analysis.recognition.faces import Box, Image
from analysis.recognition.quality import QualityWarning
from analysis.recognition.tracking.tracker import TrackedFace
from analysis.recognition.video.reader import VideoFrame
from analysis.recognition.video.writer import VideoWriter

LATE_SECONDS = 0.5
"""A frame without an answer shows the faces of an earlier one, if that is at most this old."""
MAX_QUEUED = 60
"""Frames that wait to be written; from half as many on, every second one is left out."""
STOP_SECONDS = 5.0
_QUALITIES = (85, 70, 50, 30, 10)
_FPS_SECONDS = 2.0


class OutputError(Exception):
    """The annotated video cannot be written."""


@dataclass
class StreamStats:
    """Statistics of a stream; `latencies` are seconds from sending a frame to its answer."""

    seconds: float = 0.0
    sent: int = 0
    skipped: int = 0
    dropped: int = 0
    latencies: list[float] = field(default_factory=list)
    faces: tuple[TrackedFace, ...] = ()
    is_over: bool = False
    answered_at: deque[float] = field(default_factory=lambda: deque(maxlen=240))

    @property
    def fps(self) -> float:
        """Answers a second, recently; after the end, over the whole stream."""
        if self.is_over:
            return len(self.latencies) / max(self.seconds, 0.1)
        now = time.perf_counter()
        return sum(now - at < _FPS_SECONDS for at in self.answered_at) / min(_FPS_SECONDS, max(self.seconds, 0.1))

    def latency(self, share: float, *, last: int = 0) -> float:
        """Return the quantile `share` of all latencies, or of the `last` ones; 0 without any."""
        ordered = sorted(self.latencies[-last:])
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0

    def add(self, answer: LiveAnswer) -> None:
        self.dropped = answer.dropped
        self.faces = tuple(map(tracked_face, answer.faces))
        self.latencies.append(answer.round_trip)
        self.answered_at.append(time.perf_counter())


class AnnotatedVideo:
    """Writes an annotated video; each frame is queued until its answer comes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer: VideoWriter | None = None
        self._queue: deque[tuple[VideoFrame, int]] = deque()
        self._answers: deque[tuple[int, tuple[TrackedFace, ...]]] = deque()
        self._is_odd = False
        self._shown: tuple[float, tuple[TrackedFace, ...]] = (-LATE_SECONDS, ())

    def add(self, frame: VideoFrame, sequence: int) -> None:
        """Queue a frame that shows the answer to frame `sequence`."""
        self._is_odd = not self._is_odd
        if len(self._queue) < (MAX_QUEUED // 2 if self._is_odd else MAX_QUEUED):
            self._queue.append((frame, sequence))

    def add_answer(self, sequence: int, faces: tuple[TrackedFace, ...]) -> None:
        """Add an answer, its boxes in pixels of the source's frames."""
        self._answers.append((sequence, faces))

    def take(self, client: AsyncLive, *, is_over: bool) -> tuple[VideoFrame, tuple[TrackedFace, ...]] | None:
        """Return the next frame with its faces; None while its answer may still come, unless the stream is over."""
        if not self._queue or (not is_over and client.is_awaited(self._queue[0][1])):
            return None
        frame, sequence = self._queue.popleft()
        while self._answers and self._answers[0][0] <= sequence:
            self._shown = frame.at, self._answers.popleft()[1]
        at, faces = self._shown
        return frame, faces if frame.at - at < LATE_SECONDS else ()

    def write(self, frame: VideoFrame, faces: tuple[TrackedFace, ...]) -> None:
        """Draw and append; blocks. Raises `OSError` if the file cannot be written."""
        if self._writer is None:
            height, width = frame.image.shape[:2]
            self._writer = VideoWriter(self.path, width, height)
        self._writer.write(draw_tracked(frame.image, faces), frame.at, frame.seconds)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class LiveStream:
    """Sends frames in real time, at most two of them unanswered, until the source ends or `stop` is called."""

    def __init__(
        self, client: AsyncLive, source: FrameSource, *, width: int, output: AnnotatedVideo | None = None
    ) -> None:
        self.stats = StreamStats()
        self._client = client
        self._source = source
        self._width = width
        self._output = output
        self._scale = 1.0
        self._stop = asyncio.Event()
        self._has_news = asyncio.Event()

    def stop(self) -> None:
        """End the stream early and regularly."""
        self._stop.set()

    async def run(self) -> None:
        """Stream; raises `LiveError` if the connection is lost, `OutputError` if the video cannot be written."""
        answering = asyncio.create_task(self._receive_answers())
        writing = asyncio.create_task(self._write_output(self._output)) if self._output else None
        try:
            await self._send_frames(*filter(None, (answering, writing)))
            if not answering.done():
                await self._client.stop()
            await asyncio.wait_for(answering, STOP_SECONDS)
        except TimeoutError:
            message = f"The server did not end the session within {STOP_SECONDS:g} seconds."
            raise LiveError("no_answer", message, retryable=True) from None
        finally:
            self.stats.is_over = True
            self._has_news.set()
            if writing:
                await writing

    async def _send_frames(self, *needed: asyncio.Task[None]) -> None:
        began: float | None = None
        while not self._stop.is_set() and not any(task.done() for task in needed):
            now = time.perf_counter() - began if began is not None else 0.0
            frame = await asyncio.to_thread(self._source.next, now)
            if frame is None:
                return
            began = time.perf_counter() - frame.at if began is None else began
            await asyncio.sleep(max(0.0, began + frame.at - time.perf_counter()))
            self.stats.seconds = frame.at
            await self._send(frame)

    async def _send(self, frame: VideoFrame) -> None:
        if self._client.unanswered < MAX_UNANSWERED:
            jpeg, self._scale = await asyncio.to_thread(encode_frame, frame.image, self._width)
            await self._client.send(jpeg)
            self.stats.sent += 1
        else:
            self.stats.skipped += 1
        if self._output:
            self._output.add(frame, self._client.sequence)
            self._has_news.set()

    async def _receive_answers(self) -> None:
        async for answer in self._client.answers():
            self.stats.add(answer)
            if self._output:
                faces = (replace(face, box=face.box.scaled(1 / self._scale)) for face in self.stats.faces)
                self._output.add_answer(answer.sequence, tuple(faces))
                self._has_news.set()

    async def _write_output(self, output: AnnotatedVideo) -> None:
        try:
            try:
                is_last = False
                while not is_last:
                    await self._has_news.wait()
                    self._has_news.clear()
                    is_last = self.stats.is_over
                    while ready := output.take(self._client, is_over=self.stats.is_over):
                        await asyncio.to_thread(output.write, *ready)
            finally:
                await asyncio.to_thread(output.close)
        except OSError as error:
            raise OutputError(f"{output.path}: {error.strerror or error}") from error


def tracked_face(face: LiveFace) -> TrackedFace:
    """Return an answer's face as one to draw; the detector's score and the unsmoothed probabilities are unknown."""
    return TrackedFace(
        id=face["id"],
        box=Box(*face["box"]),
        score=1.0,
        raw=tuple(face["probabilities"]),
        probabilities=tuple(face["probabilities"]),
        shown=Emotion(face["emotion"]),
        quality_warnings=tuple(QualityWarning(each) for each in face["doubts"] if each != QualityWarning.CLOSE),
    )


def encode_frame(image: Image, width: int) -> tuple[bytes, float]:
    """Encode an upright RGB image as a JPEG the server accepts, at most `width` wide; return it and its scale."""
    height, full = image.shape[:2]
    scale = min(1.0, width / full, (FRAME_PIXELS / (height * full)) ** 0.5)
    small = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    if scale < 1:
        size = max(1, int(full * scale)), max(1, int(height * scale))
        small = cv2.resize(small, size, interpolation=cv2.INTER_AREA)
    for quality in _QUALITIES:
        jpeg = np.asarray(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]).tobytes()
        if len(jpeg) + 4 <= FRAME_BYTES:
            break
    return jpeg, small.shape[1] / full
