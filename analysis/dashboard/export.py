"""A whole history as rows: one for each face of a photo and for each face in each second of a session.

Everything is read in portions by where a row stands in time: a million rows need the memory of one portion.
"""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from django.db.models import Model, Q

from analysis.emotion_fields import PROBABILITY_FIELDS
from analysis.history.models import HistorySum
from analysis.photos.models import Face, Photo
from analysis.sessions.models import Sample, Session

Source = HistorySum.Source
_PHOTOS, _SAMPLES, _SESSIONS = 500, 2000, 200
# What a session saw may be told as up to this much later than its last rows were written: a video is read faster
# than it plays.
_AHEAD = dt.timedelta(days=1)


@dataclass(frozen=True)
class Wanted:
    """Whose history, from `start` on and before `end` (None leaves that side open), from which sources."""

    owner: Model
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    sources: frozenset[str] = frozenset(Source.values)


@dataclass(frozen=True)
class ExportRow:
    """One face. `id` and `name` are its photo's or session's; `face` counts within that; `time` is in UTC.

    `probabilities` are seven floats in the order of `EMOTIONS`; `correction` is what its owner said it shows instead.
    """

    source: str
    time: dt.datetime
    id: uuid.UUID
    name: str
    face: int
    emotion: str
    confidence: float
    probabilities: tuple[float, ...]
    model: str
    correction: str | None = None


def export_portions(wanted: Wanted) -> Iterator[list[ExportRow]]:
    """Yield photos' faces, the oldest first, then sessions' samples, in portions of some thousand rows."""
    if Source.PHOTO in wanted.sources:
        yield from _photo_portions(wanted)
    sources = wanted.sources & set(Session.Source.values)
    if sources:
        yield from _session_portions(wanted, sources)


def _photo_portions(wanted: Wanted) -> Iterator[list[ExportRow]]:
    photos = Photo.objects.owned_by(wanted.owner).between(wanted.start, wanted.end).oldest_first()
    photos = photos.only("id", "created_at", "name")
    last: Photo | None = None
    while portion := list((photos.newer_than(last) if last else photos)[:_PHOTOS]):
        yield list(_faces_of({photo.pk: photo for photo in portion}))
        last = portion[-1]


def _faces_of(photos: dict[uuid.UUID, Photo]) -> Iterator[ExportRow]:
    """Yield what current results say of these photos' faces, photo by photo as they come."""
    rows = (
        Face.objects.current()
        .filter(analysis__photo__in=list(photos))
        .order_by("analysis__photo", "position")
        .values_list(
            "analysis__photo",
            "position",
            "emotion",
            "confidence",
            "analysis__model",
            "correction__emotion",
            *PROBABILITY_FIELDS,
        )
    )
    faces = {pk: list(group) for pk, group in groupby(rows, key=itemgetter(0))}
    for pk, photo in photos.items():
        for _, position, emotion, confidence, model, correction, *probabilities in faces.get(pk, []):
            yield ExportRow(
                Source.PHOTO,
                photo.created_at,
                pk,
                photo.name,
                position,
                emotion,
                confidence,
                tuple(probabilities),
                model,
                correction,
            )


def _session_portions(wanted: Wanted, sources: frozenset[str]) -> Iterator[list[ExportRow]]:
    sessions = Session.objects.owned_by(wanted.owner).filter(source__in=sources).oldest_first()
    sessions = sessions.only("id", "started_at", "name", "source")
    if wanted.start is not None:
        sessions = sessions.filter(seen_at__gte=wanted.start - _AHEAD)
    if wanted.end is not None:
        sessions = sessions.filter(started_at__lt=wanted.end)
    last: Session | None = None
    while portion := list((sessions.newer_than(last) if last else sessions)[:_SESSIONS]):
        for session in portion:
            yield from _sample_portions(session, wanted)
        last = portion[-1]


def _sample_portions(session: Session, wanted: Wanted) -> Iterator[list[ExportRow]]:
    samples = session.samples.order_by("second", "face")
    if wanted.start is not None:
        samples = samples.filter(second__gte=max(0, math.ceil((wanted.start - session.started_at).total_seconds())))
    if wanted.end is not None:
        samples = samples.filter(second__lt=math.ceil((wanted.end - session.started_at).total_seconds()))
    last: Sample | None = None
    while portion := list((samples.filter(_beyond(last)) if last else samples)[:_SAMPLES]):
        yield [_sample_row(session, sample) for sample in portion]
        last = portion[-1]


def _beyond(last: Sample) -> Q:
    return Q(second__gte=last.second) & (Q(second__gt=last.second) | Q(face__gt=last.face))


def _sample_row(session: Session, sample: Sample) -> ExportRow:
    return ExportRow(
        session.source,
        session.started_at + dt.timedelta(seconds=sample.second),
        session.pk,
        session.name,
        sample.face,
        sample.emotion,
        sample.confidence,
        sample.probabilities,
        sample.model,
    )
