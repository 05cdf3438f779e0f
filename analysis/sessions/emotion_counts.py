"""Emotion counts of a session, stored with it so that lists need not count samples."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass

from analysis.recognition.emotions import EMOTIONS
from analysis.sessions.models import Sample, Session


@dataclass(frozen=True)
class SessionCounts:
    """The number of faces and of samples (seconds of a face) of a session, and of the samples of each emotion."""

    faces: int
    samples: int
    emotions: dict[str, int]

    @property
    def shares(self) -> list[tuple[str, float]]:
        """The emotions of the session and their shares, 0 to 1, in the order of `EMOTIONS`."""
        return [(str(e), self.emotions[e] / self.samples) for e in EMOTIONS if self.emotions.get(e)]

    @property
    def main(self) -> list[tuple[str, float]]:
        """The same, the most frequent first."""
        return sorted(self.shares, key=lambda pair: -pair[1])


def read_session_counts(sessions: Collection[Session]) -> dict[uuid.UUID, SessionCounts]:
    """Return the counts of sessions by id; one query counts those without current stored counts."""
    stored = {session.pk: SessionCounts(**session.tally) for session in sessions if session.is_tallied}
    return stored | _count([session.pk for session in sessions if session.pk not in stored])


def save_session_counts(*, session_id: uuid.UUID) -> None:
    """Store the counts of a session that has ended; later samples make them outdated, see `Session.is_tallied`."""
    # Read before counting: samples written in between have a later `seen_at`.
    session = Session.objects.filter(pk=session_id).only("seen_at").first()
    if session is not None:
        counts = asdict(_count([session_id])[session_id])
        Session.objects.filter(pk=session_id).update(tally=counts, tallied_at=session.seen_at)


def _count(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, SessionCounts]:
    if not ids:
        return {}
    faces: dict[uuid.UUID, set[int]] = {pk: set() for pk in ids}
    emotions: dict[uuid.UUID, Counter[str]] = {pk: Counter() for pk in ids}
    for row in Sample.objects.filter(session__in=ids).by_face():
        faces[row["session_id"]].add(row["face"])
        emotions[row["session_id"]][row["emotion"]] += row["n"]
    return {pk: SessionCounts(len(faces[pk]), emotions[pk].total(), dict(emotions[pk])) for pk in ids}
