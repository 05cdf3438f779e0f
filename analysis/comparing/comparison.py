"""Two photos or two sessions of one user side by side: mean probabilities of each expression, and timelines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg

from analysis.emotion_fields import PROBABILITY_FIELDS
from analysis.photos.models import Photo
from analysis.recognition.emotions import EMOTIONS
from analysis.sessions.models import Session
from analysis.sessions.timeline import SessionSummary, TableRow, read_summary, read_table, session_seconds


@dataclass(frozen=True)
class EmotionPair:
    """The mean probability (0 to 1) of one expression in the first and in the second; None without a face."""

    emotion: str
    first: float | None
    second: float | None

    @property
    def change(self) -> float | None:
        """Second minus first, None where one of them has no face."""
        return None if self.first is None or self.second is None else self.second - self.first


@dataclass(frozen=True)
class Band:
    """One expression in one piece of a timeline: a rectangle `x` and `width` in seconds, `y` and `height` of 100."""

    emotion: str
    x: int
    width: int
    y: float
    height: float


@dataclass(frozen=True)
class SessionSide:
    """One of two sessions."""

    session: Session
    summary: SessionSummary
    seconds: int
    bands: tuple[Band, ...]
    means: tuple[float | None, ...]


def pair_means(first: Sequence[float | None], second: Sequence[float | None]) -> list[EmotionPair]:
    """Pair seven means of each, in the order of `EMOTIONS`."""
    return [EmotionPair(str(emotion), *values) for emotion, *values in zip(EMOTIONS, first, second, strict=True)]


def photo_means(photo: Photo) -> tuple[float | None, ...]:
    """Return the mean probabilities of a photo's faces, seven Nones without a face."""
    faces = photo.result.recognized_faces
    if not faces:
        return (None,) * len(EMOTIONS)
    columns = zip(*(face.probabilities for face in faces), strict=True)
    return tuple(sum(column) / len(faces) for column in columns)


def read_session_side(session: Session) -> SessionSide:
    """Read what the comparison of a session shows."""
    summary = read_summary(session)
    seconds = session_seconds(session, summary.end)
    means = session.samples.aggregate(**{field: Avg(field) for field in PROBABILITY_FIELDS})
    bands = tuple(band for row in read_table(session, seconds) for band in _bands(row)) if summary.n else ()
    return SessionSide(session, summary, seconds, bands, tuple(means[field] for field in PROBABILITY_FIELDS))


def _bands(row: TableRow) -> list[Band]:
    """Stack the means of one piece of a timeline in the order of `EMOTIONS`."""
    bands, y, means = [], 0.0, dict(row.means)
    for emotion in means and EMOTIONS:
        height = 100 * means[str(emotion)]
        bands.append(Band(str(emotion), row.start, row.end - row.start, round(y, 2), round(height, 2)))
        y += height
    return bands


def longest(sides: Sequence[SessionSide]) -> int:
    """Return the seconds of the longer session, the scale of both timelines."""
    return max((side.seconds for side in sides), default=1)


def version_names(rows: Any) -> list[str]:
    """Return the names of the versions in a queryset, the active one first and then the newest."""
    return list(rows.order_by("-is_active", "-created_at", "-pk").values_list("name", flat=True))
