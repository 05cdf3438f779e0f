"""The messages of the live connection, as docs/live-protocol.md describes them, and its address."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NotRequired, TypedDict
from urllib.parse import urlsplit

from analysis.client.errors import LiveError

PATH = "/ws/live/"
FRAME_BYTES = 256 * 1024
"""Maximum size of a message."""
FRAME_PIXELS = 1_000_000
MAX_UNANSWERED = 2
"""Frames that a client may send before the next answer."""
SEQUENCE = struct.Struct(">I")
"""The number that a frame begins with."""
_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


class LiveFace(TypedDict):
    """A face; `box` is x, y, width and height in pixels of the frame, `probabilities` are seven in FER-2013's order."""

    id: int
    box: list[float]
    probabilities: list[float]
    emotion: str
    confidence: float
    is_uncertain: bool
    doubts: list[str]


class FacesMessage(TypedDict):
    type: str
    sequence: int
    faces: list[LiveFace]
    dropped: int
    milliseconds: dict[str, float]


class StartedMessage(TypedDict):
    type: str
    session: str | None
    model: str
    limits: dict[str, int]


class StoppedMessage(TypedDict):
    type: str
    session: str | None
    frames: int
    dropped: int
    saved: bool


class ErrorMessage(TypedDict):
    type: str
    sequence: NotRequired[int]
    code: str
    message: str


@dataclass(frozen=True)
class LiveAnswer:
    """The site's answer to the frame of the number `sequence`, `round_trip` seconds after it was sent.

    `milliseconds` are those of each stage on the server, `dropped` counts the frames since the start that it left out.
    """

    sequence: int
    faces: list[LiveFace]
    dropped: int
    milliseconds: dict[str, float]
    round_trip: float


def websocket_url(url: str) -> str:
    """Return the address of a site's live connection; raise `LiveError` if `url` is not a site's."""
    try:
        parts = urlsplit(url)
        scheme, host, _ = _SCHEMES.get(parts.scheme), parts.hostname, parts.port
    except ValueError:
        scheme = host = None
    if not scheme or not host:
        raise LiveError("bad_url", f"url: expected http(s)://host[:port] or ws(s)://host[:port]; got {url!r}")
    return f"{scheme}://{parts.netloc}{parts.path.removesuffix('/').removesuffix(PATH[:-1])}{PATH}"
