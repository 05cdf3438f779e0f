"""Sending a source's frames over a live connection as they come, and drawing the answers on them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from analysis.live.messages import FRAME_BYTES, FRAME_PIXELS
from analysis.live_client.client import MOST_UNANSWERED, Answer, LiveClient, LiveError
from analysis.live_client.sources import FrameSource, Picture
from analysis.recognition.drawing import draw_tracked
from analysis.recognition.faces import Image
from analysis.recognition.tracking.tracker import TrackedFace
from analysis.recognition.video.decoder import VideoInfo
from analysis.recognition.video.writer import VideoWriter
from analysis.silenced_stderr import silenced_stderr

LATE_SECONDS = 0.5
"""A frame without an answer of its own shows the one before, if that is no older."""
MOST_WAITING = 60
"""So many frames wait to be written, which takes longer than their answer; with half as many, every second one does."""
STOP_SECONDS = 5.0
_QUALITIES = (85, 70, 50, 30, 10)
_FPS_SECONDS = 2.0


class FilmError(Exception):
    """The film could not be written."""


@dataclass
class Figures:
    """What a stream did so far; `latencies` are seconds from sending a frame to its answer."""

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
        """Answers a second, lately; in the end, throughout."""
        if self.is_over:
            return len(self.latencies) / max(self.seconds, 0.1)
        now = time.perf_counter()
        return sum(now - at < _FPS_SECONDS for at in self.answered_at) / min(_FPS_SECONDS, max(self.seconds, 0.1))

    def latency(self, share: float, *, last: int = 0) -> float:
        """Return the latency that `share` of the answers, or of the `last` ones, keep within; 0 without any."""
        known = sorted(self.latencies[-last:])
        return known[min(int(share * len(known)), len(known) - 1)] if known else 0.0

    def count(self, answer: Answer) -> None:
        self.dropped = answer.dropped
        self.faces = answer.faces
        self.latencies.append(answer.round_trip)
        self.answered_at.append(time.perf_counter())


class Film:
    """An annotated WebM: each frame waits here for its answer."""

    def __init__(self, path: Path, fps: float) -> None:
        self._path = path
        self._fps = fps
        self._writer: VideoWriter | None = None
        self._waiting: deque[tuple[Picture, int]] = deque()
        self._answers: deque[tuple[int, tuple[TrackedFace, ...]]] = deque()
        self._is_odd = False
        self._shown: tuple[float, tuple[TrackedFace, ...]] = (-LATE_SECONDS, ())

    def add(self, picture: Picture, sequence: int) -> None:
        """Take a frame whose answer is that to frame `sequence`."""
        self._is_odd = not self._is_odd
        most = MOST_WAITING // 2 if self._is_odd else MOST_WAITING
        if len(self._waiting) < most:
            self._waiting.append((picture, sequence))

    def answer(self, sequence: int, faces: tuple[TrackedFace, ...]) -> None:
        """Take an answer, its boxes in pixels of the source's frames."""
        self._answers.append((sequence, faces))

    def take(self, client: LiveClient, *, is_over: bool) -> tuple[Picture, tuple[TrackedFace, ...]] | None:
        """Return the next frame with its faces; None while its answer may still come, unless all is over."""
        if not self._waiting or (not is_over and client.is_awaited(self._waiting[0][1])):
            return None
        picture, sequence = self._waiting.popleft()
        while self._answers and self._answers[0][0] <= sequence:
            self._shown = picture.at, self._answers.popleft()[1]
        at, faces = self._shown
        return picture, faces if picture.at - at < LATE_SECONDS else ()

    def write(self, picture: Picture, faces: tuple[TrackedFace, ...]) -> None:
        """Draw and append; blocks. Raises `OSError` where no film can be begun."""
        if self._writer is None:
            height, width = picture.image.shape[:2]
            with silenced_stderr():
                self._writer = VideoWriter(self._path, VideoInfo(width, height, width, height, self._fps, None))
        self._writer.write(draw_tracked(picture.image, faces), picture.at)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class LiveStream:
    """Sends frames while fewer than two are unanswered, in real time, until the source ends or `stop` is called."""

    def __init__(self, client: LiveClient, source: FrameSource, *, width: int, film: Film | None = None) -> None:
        self.figures = Figures()
        self._client = client
        self._source = source
        self._width = width
        self._film = film
        self._scale = 1.0
        self._stop = asyncio.Event()
        self._news = asyncio.Event()

    def stop(self) -> None:
        """End early, in order."""
        self._stop.set()

    async def run(self) -> None:
        """Stream; raises `LiveError` when the connection is lost, `FilmError` when the film cannot be written."""
        answering = asyncio.create_task(self._follow_answers())
        filming = asyncio.create_task(self._make_film(self._film)) if self._film else None
        try:
            await self._send_frames(*filter(None, (answering, filming)))
            if not answering.done():
                await self._client.stop()
            await asyncio.wait_for(answering, STOP_SECONDS)
        except TimeoutError:
            raise LiveError(f"The server did not end the session within {STOP_SECONDS:g} seconds.") from None
        finally:
            self.figures.is_over = True
            self._news.set()
            if filming:
                await filming

    async def _send_frames(self, *needed: asyncio.Task[None]) -> None:
        began: float | None = None
        while not self._stop.is_set() and not any(task.done() for task in needed):
            now = time.perf_counter() - began if began is not None else 0.0
            picture = await asyncio.to_thread(self._source.next, now)
            if picture is None:
                return
            began = time.perf_counter() - picture.at if began is None else began
            await asyncio.sleep(max(0.0, began + picture.at - time.perf_counter()))
            self.figures.seconds = picture.at
            await self._send(picture)

    async def _send(self, picture: Picture) -> None:
        if self._client.unanswered < MOST_UNANSWERED:
            jpeg, self._scale = await asyncio.to_thread(encode_frame, picture.image, self._width)
            await self._client.send(jpeg)
            self.figures.sent += 1
        else:
            self.figures.skipped += 1
        if self._film:
            self._film.add(picture, self._client.sequence)
            self._news.set()

    async def _follow_answers(self) -> None:
        async for answer in self._client.answers():
            self.figures.count(answer)
            if self._film:
                faces = (replace(face, box=face.box.scaled(1 / self._scale)) for face in answer.faces)
                self._film.answer(answer.sequence, tuple(faces))
                self._news.set()

    async def _make_film(self, film: Film) -> None:
        try:
            while not self.figures.is_over:
                await self._news.wait()
                self._news.clear()
                while ready := film.take(self._client, is_over=self.figures.is_over):
                    await asyncio.to_thread(film.write, *ready)
            while ready := film.take(self._client, is_over=True):
                await asyncio.to_thread(film.write, *ready)
        except OSError as error:
            raise FilmError(str(error)) from error
        finally:
            await asyncio.to_thread(film.close)


def encode_frame(image: Image, width: int) -> tuple[bytes, float]:
    """Return an upright RGB picture as a JPEG that the server takes, `width` pixels wide at most, and its scale."""
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
