"""Finishing a session, and its count of frames."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from analysis.sessions.models import Session
from analysis.sessions.services import count_frames, discard_empty_session, finish_session, start_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(user) -> Session:
    return start_session(owner=user)


def test_frames_add_up(session: Session):
    count_frames(counts={session.pk: (10, 2)})
    count_frames(counts={session.pk: (5, 1)})
    finish_session(session_id=session.pk, frames=1, dropped=1)
    session.refresh_from_db()
    assert (session.frames, session.dropped, session.is_open) == (16, 4, False)


def test_it_never_ends_before_it_starts(session: Session):
    finish_session(session_id=session.pk, ended_at=session.started_at - dt.timedelta(hours=1))
    session.refresh_from_db()
    assert session.ended_at == session.started_at


def test_a_deleted_one_is_not_recreated(db):
    count_frames(counts={uuid.uuid4(): (1, 0)})
    finish_session(session_id=uuid.uuid4())
    assert not Session.objects.exists()


def test_one_without_a_frame_may_be_discarded(session: Session):
    assert discard_empty_session(session_id=session.pk)
    assert not Session.objects.exists()


def test_one_with_frames_may_not(session: Session):
    count_frames(counts={session.pk: (1, 0)})
    assert not discard_empty_session(session_id=session.pk)
    assert Session.objects.exists()


def test_the_default_name_is_the_source(user):
    assert start_session(owner=user).name == "Live session"
    assert start_session(owner=user, source="video", name="holiday.mp4").name == "holiday.mp4"
