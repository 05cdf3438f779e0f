"""A session's samples as CSV, line by line."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import AsyncIterator, Sequence

from asgiref.sync import sync_to_async
from django.db.models import Q

from analysis.emotion_fields import PROBABILITY_FIELDS
from analysis.sessions.models import Sample, Session

COLUMNS = ["second", "time", "face", "frames", "emotion", "confidence", *PROBABILITY_FIELDS, "model"]
"""`second` counts from the start; `time` is that moment in UTC, of a video as if it was filmed when it was uploaded."""
_PORTION = 2000


async def session_csv(session: Session) -> AsyncIterator[bytes]:
    """Yield a header, then a line for every face and second, in portions: hours of faces need little memory.

    Asynchronous, because a server takes in the whole of any other iterator before it sends the first byte.
    """
    yield _lines([COLUMNS])
    last: Sample | None = None
    while portion := await sync_to_async(_after)(session, last):
        yield _lines([_row(session, sample) for sample in portion])
        last = portion[-1]


def _after(session: Session, last: Sample | None) -> list[Sample]:
    samples = session.samples.order_by("second", "face")
    if last is not None:
        beyond = Q(second__gt=last.second) | Q(face__gt=last.face)
        samples = samples.filter(beyond, second__gte=last.second)
    return list(samples[:_PORTION])


def _row(session: Session, sample: Sample) -> list[object]:
    moment = session.started_at + dt.timedelta(seconds=sample.second)
    return [
        sample.second,
        moment.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        sample.face,
        sample.frames,
        sample.emotion,
        f"{sample.confidence:.6f}",
        *(f"{probability:.6f}" for probability in sample.probabilities),
        sample.model,
    ]


def _lines(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
