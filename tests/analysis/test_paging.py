import datetime as dt

import pytest
from django.urls import reverse

from analysis.pagination import Cursor, read_page
from analysis.photos import views
from analysis.photos.models import Photo
from tests.analysis.factories import make_photo

NOON = dt.datetime(2026, 3, 10, 12, 0, 0, 123457, tzinfo=dt.UTC)


@pytest.fixture
def photos(user):
    """Seven photos, newest first; three of them share an instant."""
    minutes = [0, 1, 2, 2, 2, 3, 4]
    for minute in minutes:
        make_photo(user, created_at=NOON + dt.timedelta(minutes=minute))
    return list(Photo.objects.newest_first())


def _page(cursor, size=3):
    return read_page(Photo.objects.all(), cursor=Cursor.parse(cursor or ""), size=size)


def test_older_pages_show_every_photo_once(photos):
    shown, page = [], _page(None)
    while True:
        shown += page.rows
        if page.older is None:
            break
        page = _page(page.older)
    assert shown == photos


def test_newer_leads_back_the_same_way(photos):
    first = _page(None)
    second = _page(first.older)
    assert _page(second.newer) == first


def test_the_ends_have_no_page_beyond(photos):
    first = _page(None)
    assert first.newer is None
    last = _page(_page(first.older).older)
    assert (len(last.rows), last.older) == (1, None)


def test_a_full_last_page_has_no_older_one(photos):
    assert _page(None, size=7).older is None


def test_deleting_what_a_cursor_came_from_does_not_lose_the_place(photos):
    cursor = _page(None).older
    photos[2].delete()
    assert _page(cursor).rows == photos[3:6]


def test_a_photo_added_meanwhile_does_not_shift_the_next_page(photos, user):
    cursor = _page(None).older
    make_photo(user)
    assert _page(cursor).rows == photos[3:6]


@pytest.mark.parametrize(
    "text", ["", "older", "older-1-zz", "older-99999999999999999-" + "0" * 32, "sideways-1-" + "0" * 32]
)
def test_a_cursor_that_is_not_ours_shows_the_first_page(photos, signed_in, text):
    response = signed_in.get(reverse("analysis:history"), {"page": text})
    assert response.status_code == 200
    assert response.context["page"].rows[0] == photos[0]


def test_the_pager_keeps_the_filter(photos, signed_in, monkeypatch):
    monkeypatch.setattr(views, "PAGE_SIZE", 3)
    content = signed_in.get(reverse("analysis:history"), {"emotion": "happy"}).content.decode()
    assert 'rel="next" href="?emotion=happy&amp;page=older-' in content
