"""Lists show each session's emotions from stored counts."""

import datetime as dt

from django.utils import timezone

from analysis.sessions.emotion_counts import read_session_counts, save_session_counts
from analysis.sessions.models import Session
from analysis.sessions.services import close_abandoned_sessions, finish_session
from tests.analysis.session_factories import add_samples, make_session


def _tally(session):
    return read_session_counts([Session.objects.get(pk=session.pk)])[session.pk]


def test_an_ended_session_has_stored_counts(user, django_assert_num_queries):
    session = make_session(user, {0: "happy", 1: "sad", 2: "happy"})
    with django_assert_num_queries(0):
        tally = read_session_counts([session])[session.pk]
    assert (tally.faces, tally.samples, dict(tally.emotions)) == (1, 3, {"happy": 2, "sad": 1})


def test_shares_are_in_the_order_of_emotions_and_main_by_frequency(user):
    session = make_session(user, {0: "happy", 1: "sad", 2: "happy", 3: "angry"})
    assert _tally(session).shares == [("angry", 0.25), ("happy", 0.5), ("sad", 0.25)]
    assert _tally(session).main[0] == ("happy", 0.5)


def test_open_ones_are_counted_in_one_query(user, django_assert_num_queries):
    sessions = [make_session(user, {0: "fear"}, is_open=True) for _ in range(3)]
    with django_assert_num_queries(1):
        tallies = read_session_counts(sessions)
    assert [tallies[session.pk].samples for session in sessions] == [1, 1, 1]


def test_late_samples_are_counted(user):
    session = make_session(user, {0: "happy"})
    add_samples(session, [(1, 2, "sad")])
    assert _tally(session).samples == 2
    assert _tally(session).faces == 2


def test_late_samples_are_counted_even_if_the_clock_was_set_back(user):
    session = make_session(user, {0: "happy"}, started_at=timezone.now() + dt.timedelta(hours=1))
    add_samples(session, [(1, 2, "sad")])
    assert _tally(session).samples == 2


def test_ending_again_counts_again(user):
    session = make_session(user, {0: "happy"})
    add_samples(session, [(1, 1, "sad")])
    finish_session(session_id=session.pk)
    session.refresh_from_db()
    assert session.is_tallied
    assert _tally(session).samples == 2


def test_an_abandoned_session_has_stored_counts(user):
    session = make_session(user, {0: "happy"}, is_open=True)
    Session.objects.filter(pk=session.pk).update(frames=10)
    close_abandoned_sessions(older_than=dt.timedelta(0))
    session.refresh_from_db()
    assert session.is_tallied


def test_a_deleted_session_is_skipped(user):
    session = make_session(user)
    Session.objects.all().delete()
    save_session_counts(session_id=session.pk)
    assert not Session.objects.exists()
