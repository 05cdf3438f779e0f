"""Resuming a session after a lost connection."""

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


def test_new_faces_continue_the_numbers(session: Session):
    even = (1 / 7,) * len(EMOTIONS)
    record_samples(samples=[NewSample(session.pk, 0, face, 1, "test-1", even) for face in (1, 4)])
    assert resume_session(owner=session.owner, session_id=str(session.pk))[1] == 4


def test_without_faces_the_last_number_is_0(session: Session):
    assert resume_session(owner=session.owner, session_id=str(session.pk))[1] == 0


@pytest.mark.parametrize("wrong", ["", "no id", str(uuid.UUID(int=7))])
def test_an_unknown_id_is_an_error(session: Session, wrong: str):
    with pytest.raises(SessionError) as caught:
        resume_session(owner=session.owner, session_id=wrong)
    assert caught.value.code == "no_such_session"


def test_another_users_session_is_an_error(session: Session, other_user):
    with pytest.raises(SessionError, match="You have no such session"):
        resume_session(owner=other_user, session_id=str(session.pk))


def test_a_videos_session_is_an_error(user):
    video = start_session(owner=user, source="video")
    with pytest.raises(SessionError):
        resume_session(owner=user, session_id=str(video.pk))


def test_an_old_session_is_an_error(session: Session):
    Session.objects.update(seen_at=timezone.now() - RESUMABLE - dt.timedelta(seconds=1))
    with pytest.raises(SessionError):
        resume_session(owner=session.owner, session_id=str(session.pk))
