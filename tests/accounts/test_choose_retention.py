"""Somebody chooses how long what they add is kept, and is told first what goes."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from analysis.photos.models import Photo
from analysis.sessions.models import Session
from analysis.sessions.services import start_session
from analysis.videos.models import Video
from tests.analysis.factories import make_photo

PAGE = reverse("accounts:retention")
LONG_AGO = timezone.now() - dt.timedelta(days=40)


@pytest.fixture
def choose(user, client):
    """Send a choice as the page's form does; return the answer."""
    client.force_login(user)
    return lambda **form: client.post(PAGE, form)


@pytest.fixture
def old_things(user, other_user):
    """Two photos, a live session and a video of forty days ago, and a photo of now; somebody else's, too."""
    for owner in (user, user, other_user):
        Photo.objects.filter(pk=make_photo(owner).pk).update(created_at=LONG_AGO, bytes=1_000_000)
    make_photo(user)
    start_session(owner=user, name="Morning", started_at=LONG_AGO)
    Session.objects.update(ended_at=LONG_AGO)
    Video.objects.create(owner=user, name="a.webm", bytes=10, status="finished", annotated="x", ended_at=LONG_AGO)


def chosen(user):
    user.refresh_from_db()
    return user.retention_days, user.keep_scores


def test_where_nothing_goes_it_is_saved_at_once(user, choose):
    make_photo(user)
    assert choose(days="30", keep_scores="on").status_code == 302
    assert chosen(user) == (30, True)
    assert choose(days="").status_code == 302
    assert chosen(user) == (None, False)


def test_where_something_goes_it_says_what_and_saves_nothing(user, choose, old_things):
    page = choose(days="30").content.decode()
    for words in (
        "Delete older photos, sessions and videos?",
        "2 photos with all",
        "1 live session<",
        "1 video with",
        "1.9",
        "30 days",
    ):
        assert words in page
    assert "cannot be undone" in page
    assert chosen(user) == (None, False)


def test_the_scores_alone_are_told_of_as_that(user, choose, old_things):
    page = choose(days="30", keep_scores="on").content.decode()
    assert "the pictures of 2 photos; their results are kept" in page
    assert "live session" not in page[page.index("<main") :]  # the description of every page names them
    assert chosen(user) == (None, False)


@pytest.mark.parametrize("scores", [{}, {"keep_scores": "on"}])
def test_what_its_page_sends_confirms_the_very_choice(user, choose, old_things, scores):
    page = choose(days="30", **scores)
    assert b'name="confirmed"' in page.content
    fields = {"days": "30", **scores}
    for name, value in fields.items():
        assert f'type="hidden" name="{name}" value="{value}"' in page.content.decode()
    assert choose(**fields, confirmed="on").status_code == 302
    assert chosen(user) == (30, bool(scores))


def test_scores_that_were_kept_so_far_are_asked_about_too(user, choose, old_things):
    choose(days="30", keep_scores="on", confirmed="on")
    assert b"Delete older photos, sessions and videos?" in choose(days="30").content
    assert chosen(user) == (30, True)


def test_unlimited_retention_deletes_nothing_and_needs_no_confirmation(user, choose, old_things):
    assert choose(days="").status_code == 302
