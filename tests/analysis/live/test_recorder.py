"""Live sessions are written in batches, which outlast a database failure."""

from __future__ import annotations

import uuid

import pytest
from django.db import IntegrityError, OperationalError
from django.utils import timezone

from analysis.live.recorder import LiveRecorder
from analysis.recognition.emotions import EMOTIONS
from analysis.sessions.models import Session
from analysis.sessions.services import NewSample, start_session

pytestmark = pytest.mark.django_db
EVEN = (1 / 7,) * len(EMOTIONS)


@pytest.fixture
def session(user) -> Session:
    return start_session(owner=user)


@pytest.fixture
def recorder() -> LiveRecorder:
    return LiveRecorder(max_samples=5)


@pytest.fixture
def away(monkeypatch):
    """Have writing fail as it does where another process holds the database."""

    def away(error: Exception) -> None:
        def fail(**kwargs: object) -> None:
            raise error

        monkeypatch.setattr("analysis.sessions.services.record_samples", fail)

    return away


def sample(session_id: uuid.UUID, second: int) -> NewSample:
    return NewSample(session_id, second, 1, 1, "test-1", EVEN)


def test_nothing_is_written_before_the_write(recorder, session):
    recorder.add(session.pk, [sample(session.pk, 0)], frames=3, dropped=1)
    assert not recorder.is_empty
    assert not session.samples.exists()


def test_everything_is_written_together(recorder, session, django_assert_max_num_queries):
    recorder.add(session.pk, [sample(session.pk, 0)], frames=3, dropped=1)
    recorder.add(session.pk, [sample(session.pk, 1)], frames=2)
    recorder.end(session.pk, timezone.now())
    with django_assert_max_num_queries(20):
        assert recorder.write()
    session.refresh_from_db()
    assert (session.frames, session.dropped, session.is_open, session.samples.count()) == (5, 1, False, 2)
    assert recorder.is_empty


def test_an_empty_buffer_needs_no_query(recorder, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert recorder.write()


def test_an_unwritable_batch_stays_buffered_and_is_logged_once(recorder, session, away, monkeypatch, caplog):
    recorder.add(session.pk, [sample(session.pk, 0)], frames=3)
    away(OperationalError("database is locked"))
    assert not recorder.write()
    recorder.add(session.pk, [sample(session.pk, 1)], frames=2)
    assert not recorder.write()
    monkeypatch.undo()
    assert recorder.write()
    session.refresh_from_db()
    assert (session.frames, session.samples.count()) == (5, 2)
    assert caplog.text.count("database is locked") == 1


def test_beyond_the_limit_the_oldest_samples_are_lost_and_that_is_logged(recorder, session, away, monkeypatch, caplog):
    recorder.add(session.pk, [sample(session.pk, second) for second in range(8)])
    away(OperationalError("database is locked"))
    assert not recorder.write()
    monkeypatch.undo()
    assert recorder.write()
    assert [row.second for row in session.samples.all()] == [3, 4, 5, 6, 7]
    assert "3 samples of live sessions are lost" in caplog.text


def test_invalid_rows_do_not_block_later_ones(recorder, session, away, monkeypatch, caplog):
    recorder.add(session.pk, [sample(session.pk, 0)])
    away(IntegrityError("CHECK constraint failed"))
    assert not recorder.write()
    monkeypatch.undo()
    recorder.add(session.pk, [sample(session.pk, 1)])
    assert recorder.write()
    assert [row.second for row in session.samples.all()] == [1]
    assert "CHECK constraint failed" in caplog.text
