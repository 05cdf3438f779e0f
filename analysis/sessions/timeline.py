"""A session's timeline in buckets, a table of it, and a summary by face."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max
from django.utils.translation import gettext

from analysis.emotion_fields import PROBABILITY_FIELDS
from analysis.recognition.emotions import EMOTIONS
from analysis.sessions.models import Session

MAX_BUCKETS = 1000
MAX_ROWS = 8000
"""With more than 8 faces at once there are fewer buckets, to limit the size of the response."""
TABLE_ROWS = 60
MAX_FACES = 12
"""Faces listed one by one: those seen the longest."""
WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
"""Widths of a bucket in seconds; longer ones are whole hours."""


@dataclass(frozen=True)
class FaceSummary:
    """One face of a session: the number of `seconds` it was seen, the first and the last of them.

    `shares` are (emotion, share of its seconds in which it was the likeliest), the most frequent first; `confidence` is
    the mean probability of the likeliest emotion. `name` is "" where its owner gave it none.
    """

    face: int
    seconds: int
    first: int
    last: int
    shares: tuple[tuple[str, float], ...]
    confidence: float
    models: tuple[str, ...]
    name: str = ""

    @property
    def label(self) -> str:
        """What its owner calls it, or its number."""
        return self.name or gettext("Face %(number)s") % {"number": self.face}


@dataclass(frozen=True)
class SessionSummary:
    """A whole session; `n` is its number of samples."""

    n: int
    faces: tuple[FaceSummary, ...]
    shares: tuple[tuple[str, float], ...]
    models: tuple[str, ...]

    @property
    def main_faces(self) -> list[FaceSummary]:
        """The faces seen the longest, in the order of their numbers."""
        longest = sorted(self.faces, key=lambda face: (-face.seconds, face.face))[:MAX_FACES]
        return sorted(longest, key=lambda face: face.face)

    @property
    def other_faces(self) -> int:
        return max(0, len(self.faces) - MAX_FACES)

    @property
    def end(self) -> int:
        """The second after the last sample."""
        return max((face.last + 1 for face in self.faces), default=0)


@dataclass(frozen=True)
class TableRow:
    """Seconds `start` to `end`: the number of faces, and their mean probabilities, the likeliest first."""

    start: int
    end: int
    faces: int = 0
    n: int = 0
    means: tuple[tuple[str, float], ...] = ()


def read_summary(session: Session, *, with_names: bool = False) -> SessionSummary:
    """Summarize a session; `with_names` for its owner, who alone knows what they call the faces."""
    names = dict(session.face_names.values_list("face", "name")) if with_names else {}
    rows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in session.samples.by_face():
        rows[row["face"]].append(row)
    faces = tuple(_summarize(face, rows[face], names.get(face, "")) for face in sorted(rows))
    emotions = _count_emotions(row for of_face in rows.values() for row in of_face)
    models = {model for face in faces for model in face.models}
    return SessionSummary(n=emotions.total(), faces=faces, shares=_shares(emotions), models=tuple(sorted(models)))


def session_seconds(session: Session, end: int) -> int:
    """Return a session's number of seconds, including the last one with a sample, before `end`."""
    return max(math.ceil(session.duration / dt.timedelta(seconds=1)), end, 1)


def read_table(session: Session, seconds: int) -> list[TableRow]:
    """Return the timeline in at most 60 rows, including those without a face."""
    width = _bucket_width(seconds, TABLE_ROWS)
    rows = [TableRow(start, min(start + width, seconds)) for start in range(0, seconds, width)]
    for found in session.samples.within(0, seconds).in_buckets_of_all(width):
        means = [(str(e), found[f"mean_{field}"]) for e, field in zip(EMOTIONS, PROBABILITY_FIELDS, strict=True)]
        means.sort(key=lambda pair: -pair[1])
        row = rows[found["bucket"]]
        rows[found["bucket"]] = TableRow(row.start, row.end, found["faces"], found["n"], tuple(means))
    return rows


def read_timeline(session: Session, *, start: int = 0, end: int | None = None) -> dict[str, Any]:
    """Return the timeline as JSON, which docs/sessions.md describes; a bucket has the means of its `n` samples."""
    extent = session.samples.aggregate(n=Count("pk"), last=Max("second"))
    last_end = 0 if extent["last"] is None else extent["last"] + 1
    seconds = session_seconds(session, last_end)
    end = seconds if end is None else min(end, seconds)
    start = min(start, end)
    faces_at_once = extent["n"] / max(1, last_end)
    max_buckets = max(60, min(MAX_BUCKETS, int(MAX_ROWS / max(faces_at_once, 1e-9))))
    width = _bucket_width(max(end - start, 1), max_buckets)
    means = [f"mean_{field}" for field in PROBABILITY_FIELDS]
    return {
        "seconds": seconds,
        "start": start,
        "end": end,
        "width": width,
        "is_open": session.is_open,
        "emotions": list(EMOTIONS),
        "columns": ["second", "face", "n", *PROBABILITY_FIELDS],
        "rows": [
            [row["bucket"] * width, row["face"], row["n"], *(round(1000 * row[mean]) for mean in means)]
            for row in session.samples.within(start, end).in_buckets(width)
        ],
    }


def _bucket_width(seconds: int, max_buckets: int) -> int:
    """Return the smallest of `WIDTHS`, or of whole hours, with which at most `max_buckets` cover `seconds`."""
    needed = math.ceil(seconds / max_buckets)
    return next((width for width in WIDTHS if width >= needed), 3600 * math.ceil(needed / 3600))


def _summarize(face: int, rows: Sequence[Mapping[str, Any]], name: str) -> FaceSummary:
    emotions = _count_emotions(rows)
    return FaceSummary(
        face=face,
        seconds=emotions.total(),
        first=min(row["first"] for row in rows),
        last=max(row["last"] for row in rows),
        shares=_shares(emotions),
        confidence=sum(row["confidence_sum"] for row in rows) / emotions.total(),
        models=tuple(sorted({row["model"] for row in rows})),
        name=name,
    )


def _count_emotions(rows: Iterable[Mapping[str, Any]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row["emotion"]] += row["n"]
    return counts


def _shares(counts: Counter[str]) -> tuple[tuple[str, float], ...]:
    return tuple((emotion, n / counts.total()) for emotion, n in counts.most_common())
