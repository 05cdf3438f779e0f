"""A whole history as rows: one for each face of a photo and for each face in each second of a session.

Everything is read in batches by where a row stands in time: a million rows need the memory of one batch.
"""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from analysis.emotion_fields import PROBABILITY_FIELDS
from analysis.face_columns import doubts_of
from analysis.history.models import HistorySum
from analysis.photos.models import Face, Photo
from analysis.sessions.models import Sample, Session
from ferproject.pagination import Keyset

Source = HistorySum.Source
_PHOTO_BATCH, _SAMPLE_BATCH, _SESSION_BATCH = 500, 2000, 200
_SAMPLE_KEYSET = Keyset(("second", "face"))
# A sample's time may be up to this much later than the time at which it was written: a video is read faster than it
# plays.
_MAX_LEAD = dt.timedelta(days=1)


@dataclass(frozen=True)
class ExportFilter:
    """Whose history, from `start` to before `end` (None leaves that side open), from which sources.

    With the id of an `album` or tag only what is in it.
    """

    owner: Model
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    sources: frozenset[str] = frozenset(Source.values)
    album: uuid.UUID | None = None


@dataclass(frozen=True)
class ExportRow:
    """One face. `id` and `name` are its photo's or session's, `face` its number in that; `time` is in UTC.

    `probabilities` are seven floats in the order of `EMOTIONS`, `score` is the detector's, None if not stored;
    `correction` is what its owner said of it, an emotion or "cannot_tell"; `corrected_emotion` is as they corrected it,
    "" where they cannot tell. `is_marked` says that a person marked the face. `taken` is when its photo was taken,
    None where that is not known.
    """

    source: str
    time: dt.datetime
    id: uuid.UUID
    name: str
    face: int
    emotion: str
    model: str
    correction: str | None
    corrected_emotion: str
    is_marked: bool
    score: float | None
    doubts: list[str]
    probabilities: tuple[float, ...]
    taken: dt.datetime | None = None

    @property
    def unit(self) -> str:
        """What the row is one of: "face" or "second"."""
        return Source(self.source).unit

    @property
    def columns(self) -> dict[str, Any]:
        """The arguments of `face_object` and `face_cells`."""
        names = ("emotion", "probabilities", "score", "doubts")
        return {name: getattr(self, name) for name in names}


def export_batches(export_filter: ExportFilter) -> Iterator[list[ExportRow]]:
    """Yield photos' faces, the oldest first, then sessions' samples, in batches of some thousand rows."""
    if Source.PHOTO in export_filter.sources:
        yield from _photo_batches(export_filter)
    sources = export_filter.sources & set(Session.Source.values)
    if sources:
        yield from _session_batches(export_filter, sources)


def _photo_batches(export_filter: ExportFilter) -> Iterator[list[ExportRow]]:
    photos = Photo.objects.owned_by(export_filter.owner).matching(
        start=export_filter.start, end=export_filter.end, album=export_filter.album
    )
    for batch in photos.newest_first_keyset.reversed().read_batches(photos.only("id", "created_at"), size=_PHOTO_BATCH):
        rows = (
            Face.objects.current()
            .included()
            .filter(analysis__photo__in=batch)
            .order_by("analysis__photo__created_at", "analysis__photo", "position")
            .values_list(
                "analysis__photo__created_at",
                "analysis__photo",
                "analysis__photo__name",
                "position",
                "emotion",
                "analysis__model",
                "correction__emotion",
                "corrected_emotion",
                "is_marked",
                "score",
                "picture_doubts",
                "analysis__photo__taken_at",
                *PROBABILITY_FIELDS,
            )
        )
        yield [
            ExportRow(Source.PHOTO, *row[:10], doubts_of(row[12:], row[10]), tuple(row[12:]), row[11]) for row in rows
        ]


def _session_batches(export_filter: ExportFilter, sources: frozenset[str]) -> Iterator[list[ExportRow]]:
    sessions = Session.objects.owned_by(export_filter.owner).filter(source__in=sources)
    if export_filter.album is not None:
        sessions = sessions.in_collection(export_filter.album)
    sessions = sessions.only("id", "started_at", "name", "source")
    if export_filter.start is not None:
        sessions = sessions.filter(seen_at__gte=export_filter.start - _MAX_LEAD)
    if export_filter.end is not None:
        sessions = sessions.filter(started_at__lt=export_filter.end)
    for batch in sessions.newest_first_keyset.reversed().read_batches(sessions, size=_SESSION_BATCH):
        for session in batch:
            yield from _sample_batches(session, export_filter)


def _sample_batches(session: Session, export_filter: ExportFilter) -> Iterator[list[ExportRow]]:
    samples = session.samples.all()
    if export_filter.start is not None:
        first = math.ceil((export_filter.start - session.started_at).total_seconds())
        samples = samples.filter(second__gte=max(0, first))
    if export_filter.end is not None:
        end = math.ceil((export_filter.end - session.started_at).total_seconds())
        samples = samples.filter(second__lt=end)
    for batch in _SAMPLE_KEYSET.read_batches(samples, size=_SAMPLE_BATCH):
        yield [_sample_row(session, sample) for sample in batch]


def _sample_row(session: Session, sample: Sample) -> ExportRow:
    return ExportRow(
        session.source,
        session.started_at + dt.timedelta(seconds=sample.second),
        session.pk,
        session.name,
        sample.face,
        sample.emotion,
        sample.model,
        None,
        sample.emotion,
        False,
        sample.score,
        doubts_of(sample.probabilities),
        sample.probabilities,
    )
