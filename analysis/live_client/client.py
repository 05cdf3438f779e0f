"""The client's side of the live protocol (docs/live-protocol.md), for any program that has frames; no Django."""

from __future__ import annotations

import asyncio
import json
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from analysis.live.messages import FacesMessage
from analysis.recognition.emotions import Emotion
from analysis.recognition.faces import Box
from analysis.recognition.quality import QualityWarning
from analysis.recognition.tracking.tracker import DEFAULT_SMOOTHING, TrackedFace

PATH = "/ws/live/"
MOST_UNANSWERED = 2
PATIENCE_SECONDS = 2.0
"""A frame that waited for so long gave way to another, or its answer is of no use any more."""
CONNECT_SECONDS = 10.0
REFUSAL_SECONDS = 1.0
"""Within it the server closes the connection after it said why, or means to keep it."""

_SEQUENCE = struct.Struct(">I")
_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


class LiveError(Exception):
    """The connection could not be made or kept; `message` is written for whoever runs the client.

    `code` is the WebSocket's close code, None where there was no connection.
    """

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


@dataclass(frozen=True)
class Answer:
    """What the server says of one frame; `round_trip` are the seconds since it was sent."""

    sequence: int
    dropped: int
    milliseconds: dict[str, float]
    round_trip: float
    message: FacesMessage = field(repr=False)

    @property
    def faces(self) -> tuple[TrackedFace, ...]:
        """Boxes are in pixels of the frame as it was sent; the detector's score and unsmoothed shares are not told."""
        return tuple(
            TrackedFace(
                id=face["id"],
                box=Box(*face["box"]),
                score=1.0,
                raw=tuple(face["probabilities"]),
                probabilities=tuple(face["probabilities"]),
                shown=Emotion(face["emotion"]),
                quality_warnings=tuple(QualityWarning(each) for each in face["doubts"] if each != QualityWarning.CLOSE),
            )
            for face in self.message["faces"]
        )


class LiveClient:
    """One connection. `start`, then `send` frames while another task iterates over `answers`, then `stop`.

    A frame that gave way to a newer one is never answered; so `unanswered` counts those sent since the last
    answer, and none for longer than `PATIENCE_SECONDS`.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self.model = ""
        self.session: str | None = None
        self.error: str | None = None
        """What the server said last that was wrong."""
        self._socket = socket
        self._sequence = -1
        self._sent: dict[int, float] = {}

    @property
    def sequence(self) -> int:
        """The last sent frame's number; -1 before the first."""
        return self._sequence

    @property
    def unanswered(self) -> int:
        """How many sent frames are worth waiting for."""
        return sum(self.is_awaited(sequence) for sequence in self._sent)

    def is_awaited(self, sequence: int) -> bool:
        """Whether an answer to a frame may still come."""
        sent = self._sent.get(sequence)
        return sent is not None and time.perf_counter() - sent < PATIENCE_SECONDS

    async def start(
        self, *, smoothing: float = DEFAULT_SMOOTHING, record: bool = False, session: str | None = None
    ) -> None:
        """Begin; `session` goes on with one that was recorded before. Raises `LiveError`."""
        message: dict[str, Any] = {"type": "start", "smoothing": smoothing, "record": record}
        await self._say(message | ({"session": session} if session else {}))
        started = await self._receive()
        if started["type"] != "started":
            with suppress(TimeoutError):
                await asyncio.wait_for(self._receive(), REFUSAL_SECONDS)
            raise LiveError(f"The server refused to start: {self.error}")
        self.model, self.session = started["model"], started["session"]

    async def send(self, jpeg: bytes) -> int:
        """Send a frame; return its number. That the connection is closed is for `answers` to tell."""
        self._sequence += 1
        self._sent[self._sequence] = time.perf_counter()
        with suppress(ConnectionClosed):
            await self._socket.send(_SEQUENCE.pack(self._sequence) + jpeg)
        return self._sequence

    async def answers(self) -> AsyncIterator[Answer]:
        """Yield answers until the server has stopped; bad frames are in `error`. Raises `LiveError`."""
        while (message := await self._receive())["type"] != "stopped":
            if message["type"] == "faces":
                yield self._answer(message)
            elif "sequence" in message:
                self._sent.pop(message["sequence"], None)
        self.session = message["session"]

    async def stop(self) -> None:
        """Ask the server to finish; `answers` ends when it has."""
        await self._say({"type": "stop"})

    def _answer(self, message: Any) -> Answer:
        sequence = message["sequence"]
        round_trip = time.perf_counter() - self._sent[sequence]
        # Answers come in the frames' order, so that earlier ones wait for nothing any more.
        self._sent = {other: at for other, at in self._sent.items() if other > sequence}
        return Answer(sequence, message["dropped"], message["milliseconds"], round_trip, message)

    async def _say(self, message: dict[str, Any]) -> None:
        # What the server said before it closed waits to be received.
        with suppress(ConnectionClosed):
            await self._socket.send(json.dumps(message))

    async def _receive(self) -> Any:
        try:
            message = json.loads(await self._socket.recv())
        except ConnectionClosed as closed:
            raise self._explained(closed) from closed
        if message["type"] == "error":
            self.error = message["message"]
        return message

    def _explained(self, closed: ConnectionClosed) -> LiveError:
        code = closed.rcvd.code if closed.rcvd else None
        if code is None:
            return LiveError("The connection to the server was lost.")
        said = self.error or (closed.rcvd.reason if closed.rcvd else "") or "It did not say why."
        return LiveError(f"The server closed the connection ({code}): {said}", code=code)


@asynccontextmanager
async def connected(url: str, token: str) -> AsyncIterator[LiveClient]:
    """Open a connection to a site, close it in the end; raises `LiveError`."""
    address = websocket_url(url)
    try:
        socket = await connect(
            address,
            additional_headers={"Authorization": f"Token {token}"},
            compression=None,
            open_timeout=CONNECT_SECONDS,
        )
    except InvalidStatus as error:
        status = error.response.status_code
        raise LiveError(f"{address}: expected this site's live connection; HTTP status {status} came back.") from error
    except (InvalidHandshake, ValueError) as error:
        raise LiveError(f"{address}: expected this site's live connection; {error}.") from error
    except TimeoutError as error:
        raise LiveError(f"{address}: no answer within {CONNECT_SECONDS:g} seconds.") from error
    except OSError as error:
        raise LiveError(f"{address}: no server can be reached there ({error}). Is it running?") from error
    try:
        yield LiveClient(socket)
    finally:
        await socket.close()


def websocket_url(url: str) -> str:
    """Return a site's live address; raise `LiveError` where `url` is none."""
    try:
        parts = urlsplit(url)
        scheme, host, _ = _SCHEMES.get(parts.scheme), parts.hostname, parts.port
    except ValueError:
        scheme = host = None
    if not scheme or not host:
        raise LiveError(f"url: expected http(s)://host[:port] or ws(s)://host[:port]; got {url!r}")
    return f"{scheme}://{parts.netloc}{parts.path.removesuffix('/').removesuffix(PATH[:-1])}{PATH}"
