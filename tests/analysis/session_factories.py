"""Sessions to test with, written as the live consumer and the videos' task write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from analysis.emotion_fields import PROBABILITY_FIELDS
from analysis.sessions.models import Sample, Session
from analysis.sessions.services import NewSample, finish_session, record_samples, start_session
from tests.analysis.factories import make_face

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


def make_session(
    owner: object,
    seen: Mapping[int, str] | None = None,
    *,
    name: str = "Rehearsal",
    source: str = Session.Source.LIVE,
    started_at: dt.datetime = NOON,
    seconds: int = 60,
    is_open: bool = False,
) -> Session:
    """A session of one face, that showed `seen` (second: emotion); see `add_samples` for more."""
    session = start_session(owner=owner, source=source, name=name, started_at=started_at)
    add_samples(session, ((second, 1, emotion) for second, emotion in (seen or {}).items()))
    if not is_open:
        finish_session(session_id=session.pk, ended_at=started_at + dt.timedelta(seconds=seconds), frames=seconds * 10)
    session.refresh_from_db()
    return session


def add_samples(session: Session, seen: Iterable[tuple[int, int, str]], *, model: str = "test-1") -> None:
    """Add (second, face, emotion) to a session."""
    record_samples(
        samples=[
            NewSample(session.pk, second, face, 10, model, make_face(emotion, 0.7 + 0.01 * (second % 20)).probabilities)
            for second, face, emotion in seen
        ]
    )


def fill_session(session: Session, seconds: Iterable[int], *, faces: Mapping[int, str]) -> None:
    """Add very many samples (face: emotion) in no time, past the history's sums."""
    probabilities = {face: make_face(emotion, 0.8).probabilities for face, emotion in faces.items()}
    columns = {face: dict(zip(PROBABILITY_FIELDS, values, strict=True)) for face, values in probabilities.items()}
    common = {"session": session, "frames": 10, "model": "test-1", "confidence": 0.8}
    Sample.objects.bulk_create(
        Sample(second=second, face=face, emotion=emotion, **common, **columns[face])
        for second in seconds
        for face, emotion in faces.items()
    )
