"""What a live connection says and understands; docs/live-protocol.md is written for those who build a client."""

from __future__ import annotations

import json
import struct
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NotRequired, TypedDict

from analysis.recognition.faces import Milliseconds
from analysis.recognition.tracking.tracker import TrackedFace

FRAME_BYTES = 256 * 1024
"""The most a message may have; ferproject/server.py closes with 1009 beyond."""
FRAME_PIXELS = 1_000_000
TEXT_CHARACTERS = 4096
DEFAULT_SMOOTHING = 0.6
MOST_SMOOTHING = 0.95
_SEQUENCE = struct.Struct(">I")
_JPEG = b"\xff\xd8\xff"
_SCAN = b"\xff\xda"
_MOST_SCANS = 32
"""Progressive JPEGs have about ten; a few bytes make one more, and each goes over the whole picture again."""


class Close(IntEnum):
    """Why the server closes a connection; a client reconnects by itself on the last two alone."""

    NORMAL = 1000
    POLICY = 1008
    SIGN_IN = 4401
    FOREIGN_ORIGIN = 4403
    NO_SUCH_SESSION = 4404
    NO_CONSENT = 4406
    IDLE = 4408
    TAKEN_OVER = 4409
    TOO_MANY = 4429
    FAILED = 1011
    RESTARTING = 1012


class MessageError(Exception):
    """A message that is not as the protocol says; `sequence` is its frame's, where it could be read."""

    def __init__(self, code: str, message: str, *, sequence: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.sequence = sequence


@dataclass(frozen=True)
class Start:
    """Begin to answer frames; `session` goes on with an earlier one after a reconnect."""

    smoothing: float = DEFAULT_SMOOTHING
    record: bool = False
    session: str | None = None


@dataclass(frozen=True)
class Set:
    """Change how strongly answers are smoothed."""

    smoothing: float


@dataclass(frozen=True)
class Stop:
    """End what was started."""


@dataclass(frozen=True)
class Frame:
    """One JPEG, and when it came (`time.perf_counter`)."""

    sequence: int
    jpeg: bytes
    received_at: float


class FaceMessage(TypedDict):
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
    faces: list[FaceMessage]
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


Message = FacesMessage | StartedMessage | StoppedMessage | ErrorMessage


def read_frame(data: bytes, *, received_at: float) -> Frame:
    """Take a binary message apart; what only decoding can tell is not looked at."""
    if len(data) < _SEQUENCE.size:
        raise MessageError(
            "bad_frame", f"expected a frame: 4 bytes of sequence number, then a JPEG; got {len(data)} bytes."
        )
    (sequence,) = _SEQUENCE.unpack_from(data)
    if data[4:7] != _JPEG:
        raise MessageError(
            "bad_frame",
            f"expected a JPEG after the sequence number; got {data[4:7].hex() or 'nothing'}.",
            sequence=sequence,
        )
    if (scans := data.count(_SCAN)) > _MOST_SCANS:
        raise MessageError(
            "bad_frame", f"expected a JPEG of {_MOST_SCANS} scans at most; got {scans}.", sequence=sequence
        )
    return Frame(sequence, data[4:], received_at)


def read_control(text: str) -> Start | Set | Stop:
    """Understand a text message."""
    if len(text) > TEXT_CHARACTERS:
        raise MessageError("bad_message", f"expected {TEXT_CHARACTERS} characters at most; got {len(text)}.")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise MessageError("bad_message", f"expected a JSON object; got {text[:40]!r}.") from None
    if not isinstance(content, dict):
        raise MessageError("bad_message", f"expected a JSON object; got {text[:40]!r}.")
    kind = content.get("type")
    if kind == "start":
        return _start(content)
    if kind == "set":
        return Set(_smoothing(content))
    if kind == "stop":
        return Stop()
    raise MessageError("bad_message", f"type: expected start, set or stop; got {str(kind)[:40]!r}.")


def faces(
    frame: Frame, tracked: Sequence[TrackedFace], *, dropped: int, queue: float, milliseconds: Milliseconds
) -> FacesMessage:
    """Answer a frame; `queue` are the milliseconds it waited for a thread."""
    return {
        "type": "faces",
        "sequence": frame.sequence,
        "faces": [_face(face) for face in tracked],
        "dropped": dropped,
        "milliseconds": {
            "queue": round(queue, 1),
            "decode": round(milliseconds.decode, 1),
            "detect": round(milliseconds.detect, 1),
            "classify": round(milliseconds.classify, 1),
        },
    }


def started(*, session: str | None, model: str, limits: dict[str, int]) -> StartedMessage:
    return {"type": "started", "session": session, "model": model, "limits": limits}


def stopped(*, session: str | None, frames: int, dropped: int, saved: bool) -> StoppedMessage:
    return {"type": "stopped", "session": session, "frames": frames, "dropped": dropped, "saved": saved}


def error(code: str, message: str, *, sequence: int | None = None) -> ErrorMessage:
    if sequence is None:
        return {"type": "error", "code": code, "message": message}
    return {"type": "error", "sequence": sequence, "code": code, "message": message}


def encode(message: Message) -> str:
    return json.dumps(message, separators=(",", ":"))


def _face(face: TrackedFace) -> FaceMessage:
    box = face.box
    return {
        "id": face.id,
        "box": [round(value, 1) for value in (box.x, box.y, box.width, box.height)],
        "probabilities": [round(value, 4) for value in face.probabilities],
        "emotion": str(face.emotion),
        "confidence": round(face.confidence, 4),
        "is_uncertain": face.is_uncertain,
        "doubts": [str(warning) for warning in face.warnings],
    }


def _start(content: dict[str, Any]) -> Start:
    record, session = content.get("record", False), content.get("session")
    if not isinstance(record, bool):
        raise MessageError("bad_message", f"record: expected true or false; got {str(record)[:40]!r}.")
    if session is not None and not isinstance(session, str):
        raise MessageError("bad_message", f"session: expected an id or null; got {str(session)[:40]!r}.")
    session = _canonical(session) if session else None
    return Start(_smoothing(content, DEFAULT_SMOOTHING), record or session is not None, session)


def _canonical(session: str) -> str:
    """Return an id as the server writes it, by which it is known; what is none is nobody's session, as others are."""
    try:
        return str(uuid.UUID(session))
    except ValueError:
        return session


def _smoothing(content: dict[str, Any], default: float | None = None) -> float:
    value = content.get("smoothing", default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_SMOOTHING:
        raise MessageError(
            "bad_message", f"smoothing: expected a number from 0 to {MOST_SMOOTHING}; got {str(value)[:40]!r}."
        )
    return float(value)
