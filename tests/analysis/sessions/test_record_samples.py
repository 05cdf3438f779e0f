"""Samples of many sessions are saved at once and added to their owners' history."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from analysis.history.models import HistorySum
from analysis.recognition.emotions import EMOTIONS
from analysis.sessions.models import Sample, Session
from analysis.sessions.services import NewSample, record_samples, start_session

pytestmark = pytest.mark.django_db
HAPPY = tuple(0.7 if emotion == "happy" else 0.05 for emotion in EMOTIONS)


def sample(session: Session, second: int = 0, face: int = 1) -> NewSample:
    return NewSample(session.pk, second, face, frames=5, model="test-1", probabilities=HAPPY)


@pytest.fixture
def session(user) -> Session:
    return start_session(owner=user)


def test_a_sample_repeats_its_likeliest_emotion(session: Session):
    record_samples(samples=[sample(session)])
    row = session.samples.get()
    assert (row.emotion, row.confidence, row.probabilities) == ("happy", 0.7, HAPPY)
    assert (row.second, row.face, row.frames, row.model) == (0, 1, 5, "test-1")


def test_each_counts_in_its_owners_history(session: Session, other_user):
    other = start_session(owner=other_user, source="video")
    record_samples(samples=[sample(session), sample(session, 1), sample(other)])
    found = HistorySum.objects.order_by("source").values_list("owner", "source", "emotion", "model", "n")
    assert list(found) == [
        (session.owner_id, "live", "happy", "test-1", 2),
        (other_user.pk, "video", "happy", "test-1", 1),
    ]


def test_duplicates_are_ignored(session: Session):
    for _ in range(2):
        record_samples(samples=[sample(session), sample(session, 1), sample(session, 1)])
    assert session.samples.count() == 2
    assert HistorySum.objects.get().n == 2


def test_samples_of_a_deleted_session_are_ignored(session: Session):
    gone = replace(sample(session), session_id=uuid.uuid4())
    record_samples(samples=[gone, sample(session)])
    assert Sample.objects.get().session == session


def test_a_mean_slightly_above_one_is_clipped(session: Session):
    certain = tuple(1.0000000000000002 if emotion == "sad" else -1e-17 for emotion in EMOTIONS)
    record_samples(samples=[replace(sample(session), probabilities=certain)])
    assert session.samples.get().confidence == 1


def test_seen_at_is_the_time_of_the_last_write(session: Session):
    before = session.seen_at
    record_samples(samples=[sample(session)])
    session.refresh_from_db()
    assert session.seen_at > before


def test_any_number_of_sessions_takes_the_same_queries(user, django_assert_max_num_queries):
    sessions = [start_session(owner=user) for _ in range(30)]
    with django_assert_max_num_queries(9):
        record_samples(samples=[sample(session, second) for session in sessions for second in range(2)])
    assert Sample.objects.count() == 60
