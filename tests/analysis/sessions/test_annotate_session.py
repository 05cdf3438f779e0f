import pytest

from analysis import session_edits
from analysis.errors import SessionError
from tests.analysis.session_factories import make_session


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
def test_notes_are_kept_with_their_lines(user, typed, kept):
    session = make_session(user)
    session_edits.annotate_session(session=session, notes=typed)
    session.refresh_from_db()
    assert session.notes == kept


def test_too_long_notes_are_refused_and_the_old_ones_stay(user):
    session = make_session(user)
    session_edits.annotate_session(session=session, notes="before")
    with pytest.raises(SessionError, match="at most 10,000 characters; these have 10,001"):
        session_edits.annotate_session(session=session, notes="x" * 10_001)
    session.refresh_from_db()
    assert session.notes == "before"
