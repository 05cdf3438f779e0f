"""Export of a session's samples as CSV."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import AsyncIterator, Iterator, Sequence

from asgiref.sync import sync_to_async

from analysis.face_columns import FACE_COLUMNS, doubts_of, escape_formula, face_cells
from analysis.sessions.models import Sample, Session
from ferproject.pagination import Keyset

COLUMNS = ["second", "time", "face", "frames", *FACE_COLUMNS, "model", "face_name"]
"""docs/export.md describes them."""
_ORDER = Keyset(("second", "face"))
_CHUNK = 2000


async def session_csv(session: Session) -> AsyncIterator[bytes]:
    """Yield `csv_chunks`.

    Asynchronous, because an ASGI server consumes any other iterator before it sends the first byte.
    """
    chunks = csv_chunks(session)
    while chunk := await sync_to_async(next)(chunks, None):
        yield chunk


def csv_chunks(session: Session) -> Iterator[bytes]:
    """Yield a header and a line for every face and second, in chunks, which need little memory."""
    yield _encode([COLUMNS])
    names = {face: escape_formula(name) for face, name in session.face_names.values_list("face", "name")}
    for samples in _ORDER.read_batches(session.samples.all(), size=_CHUNK):
        yield _encode([[*_row(session, sample), names.get(sample.face, "")] for sample in samples])


def _row(session: Session, sample: Sample) -> list[object]:
    probabilities = sample.probabilities
    moment = session.started_at + dt.timedelta(seconds=sample.second)
    return [
        sample.second,
        moment.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        sample.face,
        sample.frames,
        *face_cells(
            emotion=sample.emotion, probabilities=probabilities, score=sample.score, doubts=doubts_of(probabilities)
        ),
        escape_formula(sample.model),
    ]


def _encode(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
