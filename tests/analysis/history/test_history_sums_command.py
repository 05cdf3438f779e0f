"""`history_sums` reports and rebuilds wrong sums."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from analysis.history.models import HistorySum
from analysis.sessions.models import Sample, Session
from tests.analysis.factories import make_photo
from tests.analysis.sums import count_faces

pytestmark = pytest.mark.django_db


@pytest.fixture
def history(user, other_user):
    """Two people's photos, and a live second of one of them, with their sums."""
    photo = make_photo(user, emotions=["happy", "sad"])
    make_photo(other_user)
    session = Session.objects.create(owner=user, source="live", name="Live", started_at=photo.created_at)
    probabilities = {f"p_{name}": 0.05 for name in ("angry", "disgust", "fear", "happy", "sad", "neutral")}
    Sample.objects.create(
        session=session,
        second=0,
        face=1,
        frames=9,
        model="test-1",
        emotion="surprise",
        confidence=0.7,
        p_surprise=0.7,
        **probabilities,
    )
    count_faces(user, photo.created_at, emotion="surprise", source="live")


def _run(*arguments):
    output = io.StringIO()
    call_command("history_sums", *arguments, stdout=output)
    return output.getvalue()


def test_right_sums(history):
    assert _run("--verify") == "All sums are correct.\n"


def _more(rows):
    rows.filter(emotion="happy").update(n=F("n") + 1)


def _by_one_millionth(rows):
    rows.filter(source="live").update(sum_fear=F("sum_fear") + 1)


def _gone(rows):
    rows.filter(emotion="sad").delete()


def _empty(rows):
    row = rows.filter(emotion="sad").get()
    row.pk, row.emotion = None, "fear"
    for name in ("n", *[field for field in vars(row) if field.startswith("sum_")]):
        setattr(row, name, 0)
    row.save()


@pytest.mark.parametrize(
    ("damage", "reported"),
    [
        (_more, "happy, test-1: n is 2, should be 1"),
        (_by_one_millionth, "surprise, test-1: sum_fear is 50001, should be 50000"),
        (_gone, "sad, test-1: n is 0, should be 1; sum_angry is 0, should be 16667"),
        (_empty, "fear, test-1: an empty row"),
    ],
)
def test_wrong_sums_are_reported_and_rebuilt(history, user, damage, reported):
    damage(HistorySum.objects.owned_by(user))
    output = io.StringIO()
    with pytest.raises(CommandError, match="Wrong rows of sums: 1"):
        call_command("history_sums", "--verify", stdout=output)
    assert "ada@example.org:" in output.getvalue()
    assert reported in output.getvalue()
    assert "Wrong rows of sums: 1. They are now corrected." in _run("--rebuild")
    assert _run("--verify") == "All sums are correct.\n"


def test_one_users_history(history, other_user):
    _more(HistorySum.objects.owned_by(other_user))
    assert _run("--verify", "--user", "ADA@example.org") == "All sums are correct.\n"
    with pytest.raises(CommandError):
        _run("--verify", "--user", "ben@example.org")


def test_an_unknown_user_is_an_error(db):
    with pytest.raises(CommandError, match=r"There is no account with the email address eve@example\.org"):
        _run("--verify", "--user", "eve@example.org")


def test_an_action_must_be_chosen(db):
    with pytest.raises(CommandError, match="required"):
        _run()
