"""A live session goes on after its connection broke."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from analysis.errors import SessionError
from analysis.recognition.emotions import EMOTIONS
from analysis.sessions.models import Session
from analysis.sessions.services import (
    RESUMABLE,
    NewSample,
    finish_session,
    record_samples,
    resume_session,
    start_session,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(user) -> Session:
    return start_session(owner=user)


def test_it_is_open_again(session: Session):
    finish_session(session_id=session.pk)
    assert resume_session(owner=session.owner, session_id=str(session.pk))[0] == session
    assert Session.objects.get().ended_at is None


def test_its_new_faces_are_numbered_on(session: Session):
    even = (1 / 7,) * len(EMOTIONS)
    record_samples(samples=[NewSample(session.pk, 0, face, 1, "test-1", even) for face in (1, 4)])
    assert resume_session(owner=session.owner, session_id=str(session.pk))[1] == 4


def test_without_faces_they_begin_at_one(session: Session):
    assert resume_session(owner=session.owner, session_id=str(session.pk))[1] == 0


@pytest.mark.parametrize("wrong", ["", "no id", str(uuid.UUID(int=7))])
def test_there_is_none_of_that_name(session: Session, wrong: str):
    with pytest.raises(SessionError) as caught:
        resume_session(owner=session.owner, session_id=wrong)
    assert caught.value.code == "no_such_session"


def test_anothers_is_as_unknown(session: Session, other_user):
    with pytest.raises(SessionError, match="no session of yours"):
        resume_session(owner=other_user, session_id=str(session.pk))


def test_a_videos_is_none(user):
    video = start_session(owner=user, source="video")
    with pytest.raises(SessionError):
        resume_session(owner=user, session_id=str(video.pk))


def test_after_a_while_it_is_over(session: Session):
    Session.objects.update(seen_at=timezone.now() - RESUMABLE - dt.timedelta(seconds=1))
    with pytest.raises(SessionError):
        resume_session(owner=session.owner, session_id=str(session.pk))
