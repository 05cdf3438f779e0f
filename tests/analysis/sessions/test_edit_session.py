import pytest

from analysis.errors import SessionError
from analysis.sessions import services
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
def test_a_name_is_normalized(user, typed, kept):
    session = make_session(user)
    services.edit_session(session=session, name=typed)
    session.refresh_from_db()
    assert session.name == kept


@pytest.mark.parametrize(
    ("typed", "code", "message"),
    [
        ("", "no_name", "up to 120 characters"),
        (" \n ", "no_name", "up to 120 characters"),
        ("\x00", "no_name", "up to 120 characters"),
        ("x" * 121, "name_too_long", "has 121 characters. Names can have up to 120"),
    ],
)
def test_a_name_outside_the_limits_is_refused_and_nothing_changes(user, typed, code, message):
    session = make_session(user, name="Before")
    with pytest.raises(SessionError, match=message) as refusal:
        services.edit_session(session=session, name=typed)
    session.refresh_from_db()
    assert (refusal.value.code, session.name) == (code, "Before")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("She laughed.\r\nTwice.", "She laughed.\nTwice."),
        ("  around  \n\n", "around"),
        ("", ""),
        ("x" * 10_000, "x" * 10_000),
        ("\r\n".join("x" * 5_000), "\n".join("x" * 5_000)),
        ("a\x00b", "ab"),
    ],
)
def test_notes_keep_their_line_breaks(user, typed, kept):
    session = make_session(user)
    services.edit_session(session=session, notes=typed)
    session.refresh_from_db()
    assert session.notes == kept


def test_too_long_notes_are_refused_and_nothing_changes(user):
    session = make_session(user)
    services.edit_session(session=session, notes="before")
    with pytest.raises(SessionError, match="Notes can have up to 10,000"):
        services.edit_session(session=session, notes="x" * 10_001)
    session.refresh_from_db()
    assert session.notes == "before"


@pytest.mark.parametrize("field", ["name", "notes"])
def test_text_that_composition_would_lengthen_is_not_composed(user, field):
    session = make_session(user)
    most = {"name": services.NAME_MAX, "notes": services.NOTES_MAX}[field]
    services.edit_session(session=session, **{field: "\u0958" * most})
    session.refresh_from_db()
    assert getattr(session, field) == "\u0958" * most


def test_text_that_composition_shortens_is_composed(user):
    session = make_session(user)
    services.edit_session(session=session, name="e\u0301" * 100)
    session.refresh_from_db()
    assert session.name == "é" * 100


def test_nothing_changes_if_name_or_notes_are_refused(user):
    session = make_session(user, name="Before")
    with pytest.raises(SessionError, match="have 10,001 characters"):
        services.edit_session(session=session, name="After", notes="x" * 10_001)
    stored = type(session).objects.get()
    assert (session.name, stored.name, stored.notes) == ("Before", "Before", "")


def test_concurrent_writes_of_the_consumer_are_not_overwritten(user):
    session = make_session(user, is_open=True)
    type(session).objects.filter(pk=session.pk).update(frames=77)
    services.edit_session(session=session, name="Other")
    session.refresh_from_db()
    assert session.frames == 77


def test_a_session_deleted_meanwhile_is_not_recreated(user):
    session = make_session(user)
    type(session).objects.filter(pk=session.pk).delete()
    with pytest.raises(SessionError, match="deleted in the meantime"):
        services.edit_session(session=session, name="Other")
