import pytest

from analysis import session_edits
from analysis.errors import SessionError
from tests.analysis.session_factories import make_session


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Talk  ", "Talk"),
        ("x" * 120, "x" * 120),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("сеанс ☀ 👩‍👧", "сеанс ☀ 👩‍👧"),
        ("null\x00 bell\x07", "null bell"),
        ("turned \u202egnp.exe", "turned gnp.exe"),
        ("half \ud83d of a character", "half  of a character"),
    ],
)
def test_a_name_is_kept_as_it_can_be_shown(user, typed, kept):
    session = make_session(user)
    session_edits.rename_session(session=session, name=typed)
    session.refresh_from_db()
    assert session.name == kept


@pytest.mark.parametrize(
    ("typed", "code", "message"),
    [
        ("", "no_name", "1 to 120 characters"),
        (" \n ", "no_name", "1 to 120 characters"),
        ("\x00", "no_name", "1 to 120 characters"),
        ("x" * 121, "name_too_long", "at most 120 characters; this one has 121"),
    ],
)
def test_a_name_outside_the_limits_is_refused_and_nothing_changes(user, typed, code, message):
    session = make_session(user, name="Before")
    with pytest.raises(SessionError, match=message) as refusal:
        session_edits.rename_session(session=session, name=typed)
    session.refresh_from_db()
    assert (refusal.value.code, session.name) == (code, "Before")


def test_what_the_live_consumer_writes_meanwhile_is_not_overwritten(user):
    session = make_session(user, is_open=True)
    type(session).objects.filter(pk=session.pk).update(frames=77)
    session_edits.rename_session(session=session, name="Other")
    session.refresh_from_db()
    assert session.frames == 77


def test_a_session_that_was_deleted_meanwhile_is_not_made_anew(user):
    session = make_session(user)
    type(session).objects.filter(pk=session.pk).delete()
    with pytest.raises(SessionError, match="deleted meanwhile"):
        session_edits.rename_session(session=session, name="Other")
