"""How often each emotion was seen in a session, kept with it, so that a list need not count samples."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.recognition.emotions import EMOTIONS
from analysis.sessions.models import Sample, Session


@dataclass(frozen=True)
class SessionCounts:
    """Of one session: how many `faces`, how many `samples` (seconds of a face), and each emotion's count of those."""

    faces: int
    samples: int
    emotions: Mapping[str, int]

    @property
    def shares(self) -> list[tuple[str, float]]:
        """Each emotion that was seen and its share, 0 to 1, in the order of `EMOTIONS`."""
        return [(str(e), self.emotions[e] / self.samples) for e in EMOTIONS if self.emotions.get(e)]

    @property
    def main(self) -> list[tuple[str, float]]:
        """The same, the most frequent first."""
        return sorted(self.shares, key=lambda pair: -pair[1])


def read_session_counts(sessions: Collection[Session]) -> dict[uuid.UUID, SessionCounts]:
    """Return every session's tally, in one query at most: for those that were still being written to."""
    kept = {session.pk: _of_json(session.tally) for session in sessions if session.is_tallied}
    others = [session.pk for session in sessions if session.pk not in kept]
    return {**kept, **_count(others)}


def save_session_counts(*, session_id: uuid.UUID) -> None:
    """Count a session that has ended; what is written to it later is counted anew by whoever reads it."""
    session = Session.objects.filter(pk=session_id).only("seen_at").first()
    if session is None:
        return
    tally = _count([session_id])[session_id]
    kept = {"faces": tally.faces, "samples": tally.samples, "emotions": dict(tally.emotions)}
    # Samples that came between the count and this are noticed by their later `seen_at`.
    Session.objects.filter(pk=session_id).update(tally=kept, tallied_at=session.seen_at)


def _count(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, SessionCounts]:
    if not ids:
        return {}
    faces: dict[uuid.UUID, set[int]] = {pk: set() for pk in ids}
    emotions: dict[uuid.UUID, Counter[str]] = {pk: Counter() for pk in ids}
    for row in Sample.objects.filter(session__in=ids).by_face():
        faces[row["session_id"]].add(row["face"])
        emotions[row["session_id"]][row["emotion"]] += row["n"]
    return {pk: SessionCounts(len(faces[pk]), emotions[pk].total(), emotions[pk]) for pk in ids}


def _of_json(kept: Mapping[str, Any]) -> SessionCounts:
    return SessionCounts(kept["faces"], kept["samples"], kept["emotions"])
