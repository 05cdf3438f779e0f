"""The sweeper closes sessions that a dead server left open."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from analysis.sessions.models import Session
from analysis.sessions.services import (
    ABANDONED,
    RESUMABLE,
    close_abandoned_sessions,
    count_frames,
    finish_session,
    start_session,
)
from ferproject.queue import sweeper

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - dt.timedelta(hours=1)


def abandoned(user, *, frames: int = 3, seen_at: dt.datetime = LONG_AGO) -> Session:
    session = start_session(owner=user, started_at=LONG_AGO - dt.timedelta(minutes=5))
    count_frames(counts={session.pk: (frames, 0)})
    Session.objects.filter(pk=session.pk).update(seen_at=seen_at)
    return session


def test_it_ends_at_its_last_write(user):
    session = abandoned(user)
    assert close_abandoned_sessions() == 1
    session.refresh_from_db()
    assert session.ended_at == session.seen_at == LONG_AGO


def test_one_that_is_alive_stays_open(user):
    session = abandoned(user, seen_at=timezone.now() - ABANDONED / 2)
    assert close_abandoned_sessions() == 0
    session.refresh_from_db()
    assert session.is_open


def test_a_videos_session_stays_open(user):
    session = abandoned(user)
    Session.objects.update(source="video")
    close_abandoned_sessions()
    session.refresh_from_db()
    assert session.is_open


def test_one_without_a_frame_is_deleted_once_it_cannot_be_resumed(user):
    session = start_session(owner=user, started_at=LONG_AGO)
    finish_session(session_id=session.pk, ended_at=timezone.now() - RESUMABLE / 2)
    close_abandoned_sessions()
    assert Session.objects.filter(pk=session.pk).exists()
    finish_session(session_id=session.pk, ended_at=timezone.now() - 2 * RESUMABLE)
    close_abandoned_sessions()
    assert not Session.objects.filter(pk=session.pk).exists()


def test_the_sweeper_closes_them(user, monkeypatch):
    # It would close the test's own.
    monkeypatch.setattr(sweeper, "close_old_connections", lambda: None)
    session = abandoned(user)
    sweeper.sweep_once(sweeper.Sweep("default@here", frozenset({"default"})))
    session.refresh_from_db()
    assert not session.is_open
