"""A live session is written by one connection at a time, named by its token."""

from __future__ import annotations

import uuid

import pytest

from analysis.recognition.emotions import EMOTIONS
from analysis.sessions.models import Session
from analysis.sessions.services import (
    NewSample,
    finish_session,
    record_samples,
    request_session,
    resume_session,
    start_session,
    taken_sessions,
)

pytestmark = pytest.mark.django_db
FIRST, SECOND = uuid.uuid4(), uuid.uuid4()
EVEN = (1 / 7,) * len(EMOTIONS)


@pytest.fixture
def session(user) -> Session:
    return start_session(owner=user, token=FIRST)


def record(session: Session, *, token: uuid.UUID, second: int = 0) -> None:
    record_samples(samples=[NewSample(session.pk, second, 1, 5, "test-1", EVEN, token=token)])


def test_after_it_is_resumed_the_earlier_connection_writes_nothing_more(session: Session):
    record(session, token=FIRST, second=0)
    resume_session(owner=session.owner, session_id=str(session.pk), token=SECOND)
    record(session, token=FIRST, second=1)
    finish_session(session_id=session.pk, token=FIRST)
    record(session, token=SECOND, second=2)
    session.refresh_from_db()
    assert [sample.second for sample in session.samples.all()] == [0, 2]
    assert (session.is_open, session.token) == (True, SECOND)


def test_its_own_connection_ends_it(session: Session):
    finish_session(session_id=session.pk, token=FIRST)
    session.refresh_from_db()
    assert (session.is_open, session.token) == (False, None)


def test_a_connection_learns_that_its_session_is_wanted_or_taken(session: Session):
    held = {session.pk: FIRST}
    assert taken_sessions(tokens=held) == set()
    assert request_session(owner=session.owner, session_id=str(session.pk)) == FIRST
    assert taken_sessions(tokens=held) == {session.pk}
    resume_session(owner=session.owner, session_id=str(session.pk), token=SECOND)
    assert taken_sessions(tokens=held) == {session.pk}
    assert taken_sessions(tokens={session.pk: SECOND}) == set()


def test_a_deleted_session_is_nobodys(session: Session):
    held = {session.pk: FIRST}
    session.delete()
    assert taken_sessions(tokens=held) == set()


@pytest.mark.parametrize("wrong", ["no id", str(uuid.UUID(int=7)), "of another"])
def test_only_its_owner_asks_for_it(session: Session, other_user, wrong: str):
    owner = other_user if wrong == "of another" else session.owner
    session_id = str(session.pk) if wrong == "of another" else wrong
    assert request_session(owner=owner, session_id=session_id) is None
    session.refresh_from_db()
    assert session.wanted_at is None
