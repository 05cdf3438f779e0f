"""The messages of the live protocol, which docs/live-protocol.md describes to authors of clients."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysis.client.live_messages import (
    FRAME_BYTES,
    FRAME_PIXELS,
    SEQUENCE,
    ErrorMessage,
    FacesMessage,
    LiveFace,
    StartedMessage,
    StoppedMessage,
)
from analysis.recognition.result import Milliseconds
from analysis.recognition.tracking.tracker import DEFAULT_SMOOTHING, TrackedFace

__all__ = ["FRAME_BYTES", "FRAME_PIXELS", "SEQUENCE"]

TEXT_CHARACTERS = 4096
MAX_SMOOTHING = 0.95
_JPEG = b"\xff\xd8\xff"
_SCAN = b"\xff\xda"
_MAX_SCANS = 32
"""Progressive JPEGs have about ten; each costs a few bytes and a pass over the whole image."""


class CloseCode(IntEnum):
    """Why the server closes a connection; clients reconnect by themselves after the last two only."""

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


Refusal = tuple[CloseCode, str, str]
"""Why a connection is closed: close code, error code and message."""
NO_CONSENT: Refusal = (
    CloseCode.NO_CONSENT,
    "no_consent",
    _("You have not agreed to live analysis, or withdrew your consent. You can agree on the page Live."),
)
TAKEN_OVER: Refusal = (CloseCode.TAKEN_OVER, "taken_over", _("This session continues in another connection."))
SIGNED_OUT: Refusal = (CloseCode.SIGN_IN, "signed_out", _("You are signed out. Sign in again."))
RESTARTING: Refusal = (CloseCode.RESTARTING, "restarting", _("The server is restarting. Connect again shortly."))


class MessageError(Exception):
    """A message violates the protocol; `sequence` is its frame's number, if it could be read."""

    def __init__(self, code: str, message: str, *, sequence: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.sequence = sequence


@dataclass(frozen=True)
class Start:
    """Start answering frames; `session` resumes an earlier session after a reconnect, `name` is of a new one."""

    smoothing: float = DEFAULT_SMOOTHING
    record: bool = False
    session: str | None = None
    name: str = ""


@dataclass(frozen=True)
class Set:
    """Change the smoothing."""

    smoothing: float


@dataclass(frozen=True)
class Stop:
    """End the session."""


Control = Start | Set | Stop


@dataclass(frozen=True)
class JpegFrame:
    """A frame as received, at `received_at` (`time.perf_counter`)."""

    sequence: int
    jpeg: bytes
    received_at: float


Message = FacesMessage | StartedMessage | StoppedMessage | ErrorMessage


def parse_frame(data: bytes, *, received_at: float) -> JpegFrame:
    """Parse a binary message without decoding its JPEG; raise `MessageError`."""
    if len(data) < SEQUENCE.size:
        message = gettext("Expected a frame: 4 bytes of sequence number, then a JPEG; got %(count)s bytes.")
        raise MessageError("bad_frame", message % {"count": len(data)})
    (sequence,) = SEQUENCE.unpack_from(data)
    if data[4:7] != _JPEG:
        message = gettext("Expected a JPEG after the sequence number; got “%(start)s”.") % {"start": data[4:7].hex()}
        raise MessageError("bad_frame", message, sequence=sequence)
    if (scans := data.count(_SCAN)) > _MAX_SCANS:
        values = {"limit": _MAX_SCANS, "count": scans}
        message = gettext("Expected a JPEG of up to %(limit)s scans; got %(count)s.") % values
        raise MessageError("bad_frame", message, sequence=sequence)
    return JpegFrame(sequence, data[4:], received_at)


def parse_control(text: str) -> Control:
    """Parse a text message; raise `MessageError`."""
    if len(text) > TEXT_CHARACTERS:
        values = {"limit": TEXT_CHARACTERS, "count": len(text)}
        raise MessageError("bad_message", gettext("Expected up to %(limit)s characters; got %(count)s.") % values)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        message = gettext("Expected a JSON object; got “%(value)s”.") % {"value": text[:40]}
        raise MessageError("bad_message", message)
    kind = content.get("type")
    if kind == "start":
        return _parse_start(content)
    if kind == "set":
        return Set(_parse_smoothing(content.get("smoothing")))
    if kind == "stop":
        return Stop()
    raise _bad_value(gettext("type: expected start, set or stop; got “%(value)s”."), kind)


def faces_message(
    frame: JpegFrame, faces: Sequence[TrackedFace], *, dropped: int, queue: float, milliseconds: Milliseconds
) -> FacesMessage:
    """Return the answer to a frame that waited `queue` milliseconds for a thread."""
    return {
        "type": "faces",
        "sequence": frame.sequence,
        "faces": [_face_message(face) for face in faces],
        "dropped": dropped,
        "milliseconds": {
            "queue": round(queue, 1),
            "decode": round(milliseconds.decode, 1),
            "detect": round(milliseconds.detect, 1),
            "classify": round(milliseconds.classify, 1),
        },
    }


def error_message(code: str, message: str, *, sequence: int | None = None) -> ErrorMessage:
    if sequence is None:
        return {"type": "error", "code": code, "message": message}
    return {"type": "error", "sequence": sequence, "code": code, "message": message}


def encode(message: Message) -> str:
    return json.dumps(message, separators=(",", ":"), default=str)


def _face_message(face: TrackedFace) -> LiveFace:
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


def _parse_start(content: dict[str, Any]) -> Start:
    record, session, name = content.get("record", False), content.get("session"), content.get("name")
    if not isinstance(record, bool):
        raise _bad_value(gettext("record: expected true or false; got “%(value)s”."), record)
    if session is not None and not isinstance(session, str):
        raise _bad_value(gettext("session: expected an id or null; got “%(value)s”."), session)
    if name is not None and not isinstance(name, str):
        raise _bad_value(gettext("name: expected a text; got “%(value)s”."), name)
    session = session or None
    with suppress(ValueError):  # resuming an invalid id fails like resuming an unknown one
        session = session and str(uuid.UUID(session))
    smoothing = _parse_smoothing(content.get("smoothing", DEFAULT_SMOOTHING))
    return Start(smoothing, record or session is not None, session, name or "")


def _parse_smoothing(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_SMOOTHING:
        text = gettext("smoothing: expected a number from 0 to %(limit)s; got “%(value)s”.")
        raise _bad_value(text, value, limit=MAX_SMOOTHING)
    return float(value)


def _bad_value(text: str, value: object, **values: object) -> MessageError:
    return MessageError("bad_message", text % {"value": str(value)[:40], **values})
