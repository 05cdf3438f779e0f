"""The live connection's client. Generated of `asynchronous_live.py` by `make client`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from analysis.client.errors import LiveError, live_closed, live_not_opened
from analysis.client.live_messages import SEQUENCE, FacesMessage, LiveAnswer, websocket_url

ANSWER_SECONDS = 2.0
"""After this time a frame was dropped, or its answer is useless."""
CONNECT_SECONDS = 10.0
REFUSAL_SECONDS = 1.0
"""Within it the server closes the connection after an error, or leaves it open."""


class Live:
    """One live connection: `start`, then `send` frames and iterate over `answers`, then `stop`.

    Dropped frames are never answered, so `unanswered` counts the frames sent since the last answer and within
    `ANSWER_SECONDS`; keep it at `MAX_UNANSWERED` or below. Methods raise `LiveError`.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self.model = ""
        self.session: str | None = None
        self.error: str | None = None
        """The server's last error message."""
        self.sequence = -1
        """The number of the last sent frame; -1 before the first."""
        self._code = ""
        self._socket = socket
        self._sent: dict[int, float] = {}

    @property
    def unanswered(self) -> int:
        return sum(self.is_awaited(sequence) for sequence in list(self._sent))

    def is_awaited(self, sequence: int) -> bool:
        """Return whether an answer to a frame may still come."""
        sent = self._sent.get(sequence)
        return sent is not None and time.perf_counter() - sent < ANSWER_SECONDS

    def start(
        self,
        *,
        smoothing: float | None = None,
        record: bool = False,
        session: str | None = None,
        name: str = "",
    ) -> None:
        """Start a session, recorded under `name`, or resume the recorded one with the id `session`.

        `smoothing` is the site's own unless it is given, 0 to 0.95.
        """
        wanted = {"smoothing": smoothing, "session": session or None, "name": name or None}
        given = {key: value for key, value in wanted.items() if value is not None}
        self._send_json({"type": "start", "record": record, **given})
        started = self._receive()
        if started["type"] != "started":
            with suppress(TimeoutError):
                self._receive(REFUSAL_SECONDS)
            raise LiveError(self._code, f"The server refused to start: {self.error}")
        self.model, self.session = started["model"], started["session"]

    def send(self, jpeg: bytes) -> int:
        """Send a frame; return its number. `answers` raises the error of a closed connection."""
        self.sequence += 1
        self._sent[self.sequence] = time.perf_counter()
        with suppress(ConnectionClosed):
            self._socket.send(SEQUENCE.pack(self.sequence) + jpeg)
        return self.sequence

    def analyse(self, jpeg: bytes) -> LiveAnswer:
        """Send one frame and return its answer; for programs that send the next one only then."""
        sequence = self.send(jpeg)
        while (message := self._receive()).get("sequence") != sequence:
            pass
        if message["type"] == "error":
            self._sent.pop(sequence, None)
            raise LiveError(message["code"], message["message"])
        return self._answer(message)

    def answers(self) -> Iterator[LiveAnswer]:
        """Yield answers until the server has stopped; bad frames set `error`."""
        while (message := self._receive())["type"] != "stopped":
            if message["type"] == "faces":
                yield self._answer(message)
            elif "sequence" in message:
                self._sent.pop(message["sequence"], None)
        self.session = message["session"]

    def stop(self) -> None:
        """Stop the session; `answers` ends when the server has stopped."""
        self._send_json({"type": "stop"})

    def _answer(self, message: FacesMessage) -> LiveAnswer:
        sequence = message["sequence"]
        round_trip = time.perf_counter() - self._sent[sequence]
        # Answers come in the order of frames: earlier ones were dropped.
        for earlier in [other for other in list(self._sent) if other <= sequence]:
            del self._sent[earlier]
        return LiveAnswer(sequence, message["faces"], message["dropped"], message["milliseconds"], round_trip)

    def _send_json(self, message: dict[str, Any]) -> None:
        # The reason of a close is still to be received.
        with suppress(ConnectionClosed):
            self._socket.send(json.dumps(message))

    def _receive(self, seconds: float | None = None) -> Any:
        try:
            message = json.loads(self._socket.recv(seconds))
        except ConnectionClosed as closed:
            raise live_closed(closed, self._code, self.error) from closed
        if message["type"] == "error":
            self._code, self.error = message["code"], message["message"]
        return message


@contextmanager
def connect_live(url: str, token: str) -> Iterator[Live]:
    """Open a connection to the site at `url` and close it at the end; raises `LiveError`."""
    address = websocket_url(url)
    with ExitStack() as stack:
        try:
            connection = connect(
                address,
                additional_headers={"Authorization": f"Token {token}"},
                compression=None,
                open_timeout=CONNECT_SECONDS,
            )
            socket = stack.enter_context(connection)
        except (InvalidHandshake, TimeoutError, OSError, ValueError) as error:
            raise live_not_opened(error, address, CONNECT_SECONDS) from error
        yield Live(socket)
