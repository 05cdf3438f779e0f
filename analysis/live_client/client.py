"""A client of the live protocol (docs/live-protocol.md) for any program that has frames; no Django."""

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
MAX_UNANSWERED = 2
ANSWER_SECONDS = 2.0
"""After this time a frame was dropped, or its answer is useless."""
CONNECT_SECONDS = 10.0
REFUSAL_SECONDS = 1.0
"""Within it the server closes the connection after an error, or leaves it open."""

_SEQUENCE = struct.Struct(">I")
_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


class LiveError(Exception):
    """The connection failed; `message` is written for the client's user.

    `code` is the WebSocket's close code, None if there was no connection.
    """

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


@dataclass(frozen=True)
class FrameAnswer:
    """The server's answer to a frame, `round_trip` seconds after it was sent."""

    sequence: int
    dropped: int
    milliseconds: dict[str, float]
    round_trip: float
    message: FacesMessage = field(repr=False)

    @property
    def faces(self) -> tuple[TrackedFace, ...]:
        """Boxes in pixels of the sent frame; the detector's score and the unsmoothed probabilities are unknown."""
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

    Dropped frames are never answered, so `unanswered` counts the frames sent since the last answer and within
    `ANSWER_SECONDS`.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self.model = ""
        self.session: str | None = None
        self.error: str | None = None
        """The server's last error message."""
        self.sequence = -1
        """The number of the last sent frame; -1 before the first."""
        self._socket = socket
        self._sent: dict[int, float] = {}

    @property
    def unanswered(self) -> int:
        return sum(self.is_awaited(sequence) for sequence in self._sent)

    def is_awaited(self, sequence: int) -> bool:
        """Return whether an answer to a frame may still come."""
        sent = self._sent.get(sequence)
        return sent is not None and time.perf_counter() - sent < ANSWER_SECONDS

    async def start(
        self,
        *,
        smoothing: float = DEFAULT_SMOOTHING,
        record: bool = False,
        session: str | None = None,
        name: str = "",
    ) -> None:
        """Start a session, recorded under `name`, or resume the recorded one with the id `session`.

        Raises `LiveError`.
        """
        message: dict[str, Any] = {"type": "start", "smoothing": smoothing, "record": record}
        message |= {"name": name} if name else {}
        await self._send_json(message | ({"session": session} if session else {}))
        started = await self._receive()
        if started["type"] != "started":
            with suppress(TimeoutError):
                await asyncio.wait_for(self._receive(), REFUSAL_SECONDS)
            raise LiveError(f"The server refused to start: {self.error}")
        self.model, self.session = started["model"], started["session"]

    async def send(self, jpeg: bytes) -> int:
        """Send a frame; return its number. `answers` raises the error of a closed connection."""
        self.sequence += 1
        self._sent[self.sequence] = time.perf_counter()
        with suppress(ConnectionClosed):
            await self._socket.send(_SEQUENCE.pack(self.sequence) + jpeg)
        return self.sequence

    async def answers(self) -> AsyncIterator[FrameAnswer]:
        """Yield answers until the server has stopped; bad frames set `error`. Raises `LiveError`."""
        while (message := await self._receive())["type"] != "stopped":
            if message["type"] == "faces":
                sequence = message["sequence"]
                round_trip = time.perf_counter() - self._sent[sequence]
                # Answers come in the order of frames: earlier ones were dropped.
                self._sent = {other: at for other, at in self._sent.items() if other > sequence}
                yield FrameAnswer(sequence, message["dropped"], message["milliseconds"], round_trip, message)
            elif "sequence" in message:
                self._sent.pop(message["sequence"], None)
        self.session = message["session"]

    async def stop(self) -> None:
        """Stop the session; `answers` ends when the server has stopped."""
        await self._send_json({"type": "stop"})

    async def _send_json(self, message: dict[str, Any]) -> None:
        # The reason of a close is still to be received.
        with suppress(ConnectionClosed):
            await self._socket.send(json.dumps(message))

    async def _receive(self) -> Any:
        try:
            message = json.loads(await self._socket.recv())
        except ConnectionClosed as closed:
            if closed.rcvd is None:
                raise LiveError("The connection to the server was lost.") from closed
            code, reason = closed.rcvd.code, self.error or closed.rcvd.reason or "It did not say why."
            raise LiveError(f"The server closed the connection ({code}): {reason}", code=code) from closed
        if message["type"] == "error":
            self.error = message["message"]
        return message


@asynccontextmanager
async def connected(url: str, token: str) -> AsyncIterator[LiveClient]:
    """Open a connection to a site and close it at the end; raises `LiveError`."""
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
    """Return the address of a site's live connection; raise `LiveError` if `url` is not a site's."""
    try:
        parts = urlsplit(url)
        scheme, host, _ = _SCHEMES.get(parts.scheme), parts.hostname, parts.port
    except ValueError:
        scheme = host = None
    if not scheme or not host:
        raise LiveError(f"url: expected http(s)://host[:port] or ws(s)://host[:port]; got {url!r}")
    return f"{scheme}://{parts.netloc}{parts.path.removesuffix('/').removesuffix(PATH[:-1])}{PATH}"
