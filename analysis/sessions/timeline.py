"""A session as its page shows it: who was seen, what they showed when, in no more pieces than a chart can show."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max

from analysis.emotion_fields import PROBABILITY_FIELDS
from analysis.recognition.emotions import EMOTIONS
from analysis.sessions.models import Session

BUCKETS = 1000
"""A timeline is delivered in at most so many pieces of equal width."""
ROWS = 8000
"""Where more faces are seen at once than 8, the pieces become fewer, so that the answer stays about this long."""
TABLE_ROWS = 60
FACES = 12
"""So many faces are told of one by one: those seen the longest."""
WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
"""Widths of a piece, in seconds, that people read easily; longer ones are whole hours."""


@dataclass(frozen=True)
class FaceSummary:
    """One face of a session: for how many `seconds` it was seen, the first and last of those, and what it showed.

    `shares` are (emotion, share of its seconds in which that one was the likeliest), the most frequent first;
    `confidence` is the mean of the likeliest one's probability.
    """

    face: int
    seconds: int
    first: int
    last: int
    shares: tuple[tuple[str, float], ...]
    confidence: float
    models: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """A whole session. `n` is its samples: one is one face in one second."""

    n: int
    faces: tuple[FaceSummary, ...]
    shares: tuple[tuple[str, float], ...]
    models: tuple[str, ...]

    @property
    def main_faces(self) -> tuple[FaceSummary, ...]:
        """Those seen the longest, in the order of their numbers."""
        longest = sorted(self.faces, key=lambda face: (-face.seconds, face.face))[:FACES]
        return tuple(sorted(longest, key=lambda face: face.face))

    @property
    def other_faces(self) -> int:
        return max(0, len(self.faces) - FACES)

    @property
    def end(self) -> int:
        """The second after the last one in which anybody was seen."""
        return max((face.last + 1 for face in self.faces), default=0)


@dataclass(frozen=True)
class TableRow:
    """`start` to `end` seconds: how many faces, and the means of their probabilities, the likeliest first."""

    start: int
    end: int
    faces: int
    n: int
    means: tuple[tuple[str, float], ...]


def read_summary(session: Session) -> Summary:
    """Return who was seen in a session, in one query."""
    rows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in session.samples.by_face():
        rows[row["face"]].append(row)
    emotions = _counts(row for of_face in rows.values() for row in of_face)
    models = {row["model"] for of_face in rows.values() for row in of_face}
    return Summary(
        n=emotions.total(),
        faces=tuple(_summarise(face, rows[face]) for face in sorted(rows)),
        shares=_shares(emotions),
        models=tuple(sorted(models)),
    )


def length(session: Session, end: int) -> int:
    """Return how many seconds a session has, its last one of any sample (before `end`) included."""
    return max(math.ceil(session.duration / dt.timedelta(seconds=1)), end, 1)


def read_table(session: Session, seconds: int) -> list[TableRow]:
    """Return the timeline in at most 60 rows, those in which nobody was seen included."""
    width = _wide_enough(seconds, TABLE_ROWS)
    found = {row["bucket"]: row for row in session.samples.in_buckets_of_all(width)}
    return [
        _table_row(found.get(bucket), start=bucket * width, end=min((bucket + 1) * width, seconds))
        for bucket in range(math.ceil(seconds / width))
    ]


def read_timeline(session: Session, *, start: int = 0, end: int | None = None) -> dict[str, Any]:
    """Return what the page draws from, as JSON; docs/sessions.md describes it.

    Of a long stretch, pieces of `width` seconds with the means of their samples; `n` says how many those were.
    """
    extent = session.samples.aggregate(n=Count("pk"), last=Max("second"))
    last_end = 0 if extent["last"] is None else extent["last"] + 1
    seconds = length(session, last_end)
    end = seconds if end is None else min(end, seconds)
    start = min(start, end)
    samples = session.samples.within(start, end)
    at_once = extent["n"] / max(1, last_end)
    width = _wide_enough(max(end - start, 1), max(60, min(BUCKETS, int(ROWS / max(at_once, 1e-9)))))
    return {
        "seconds": seconds,
        "start": start,
        "end": end,
        "width": width,
        "is_open": session.is_open,
        "emotions": list(EMOTIONS),
        "columns": ["second", "face", "n", *PROBABILITY_FIELDS],
        "rows": [_data_row(row, width) for row in samples.in_buckets(width)],
    }


def _wide_enough(seconds: int, pieces: int) -> int:
    """Return the smallest readable width of which at most `pieces` cover `seconds`."""
    needed = math.ceil(seconds / pieces)
    return next((width for width in WIDTHS if width >= needed), 3600 * math.ceil(needed / 3600))


def _data_row(row: Mapping[str, Any], width: int) -> list[int]:
    means = (round(1000 * row[f"mean_{field}"]) for field in PROBABILITY_FIELDS)
    return [row["bucket"] * width, row["face"], row["n"], *means]


def _table_row(row: Mapping[str, Any] | None, *, start: int, end: int) -> TableRow:
    if row is None:
        return TableRow(start, end, faces=0, n=0, means=())
    means = [(str(e), row[f"mean_{field}"]) for e, field in zip(EMOTIONS, PROBABILITY_FIELDS, strict=True)]
    return TableRow(start, end, row["faces"], row["n"], tuple(sorted(means, key=lambda pair: -pair[1])))


def _summarise(face: int, rows: Sequence[Mapping[str, Any]]) -> FaceSummary:
    emotions = _counts(rows)
    return FaceSummary(
        face=face,
        seconds=emotions.total(),
        first=min(row["first"] for row in rows),
        last=max(row["last"] for row in rows),
        shares=_shares(emotions),
        confidence=sum(row["confidence_sum"] for row in rows) / emotions.total(),
        models=tuple(sorted({row["model"] for row in rows})),
    )


def _counts(rows: Any) -> Counter[str]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row["emotion"]] += row["n"]
    return counts


def _shares(counts: Counter[str]) -> tuple[tuple[str, float], ...]:
    return tuple((emotion, n / counts.total()) for emotion, n in counts.most_common())
