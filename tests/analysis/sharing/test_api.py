import datetime as dt

import pytest
from django.utils import timezone

from analysis.albums.services import create_collection
from analysis.models import SharedLink
from tests.analysis.factories import make_photo
from tests.analysis.session_factories import make_session

LINKS = "/api/v1/links/"


def test_a_link_is_made_listed_and_revoked(api, client, photo):
    made = api.post(LINKS, {"photo": str(photo.pk), "shows": "picture", "password": "correct horse"}, format="json")
    assert made.status_code == 201
    new = made.json()
    path = new.pop("url").removeprefix("http://testserver")
    assert new["has_password"] is True
    assert client.get(path).status_code == 200
    assert api.get(LINKS).json()["results"] == [new]
    assert api.get(f"{LINKS}{new['id']}/").json() == new
    assert api.delete(f"{LINKS}{new['id']}/").status_code == 204
    assert client.get(path).status_code == 410
    assert api.get(f"{LINKS}{new['id']}/").json()["is_active"] is False


def test_without_more_it_shows_numbers_for_a_week(api, user):
    session = make_session(user, {1: "happy"})
    new = api.post(LINKS, {"session": str(session.pk)}, format="json").json()
    ends = dt.datetime.fromisoformat(new["expires_at"])
    assert (new["shows"], new["session"], new["photo"]) == ("numbers", str(session.pk), None)
    assert abs(ends - timezone.now() - dt.timedelta(days=7)) < dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid"),
        ({"photo": "00000000-0000-4000-8000-000000000000"}, "invalid"),
        ({"photo": "OWN", "session": "00000000-0000-4000-8000-000000000000"}, "invalid"),
        ({"photo": "OTHERS"}, "invalid"),
        ({"photo": "OWN", "shows": "all"}, "invalid"),
        ({"photo": "OWN", "expires_at": "2020-01-01T00:00:00Z"}, "bad_expiry"),
        ({"photo": "OWN", "title": "x" * 81}, "invalid"),
    ],
)
def test_a_bad_request_makes_no_link(api, photo, other_user, body, code):
    ids = {"OWN": str(photo.pk), "OTHERS": str(make_photo(other_user).pk)}
    response = api.post(LINKS, {name: ids.get(value, value) for name, value in body.items()}, format="json")
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert not SharedLink.objects.exists()


def test_a_weak_password_makes_no_link(api, photo):
    response = api.post(LINKS, {"photo": str(photo.pk), "password": "password"}, format="json")
    assert (response.status_code, response.json()["code"]) == (422, "weak_password")
    assert not SharedLink.objects.exists()


@pytest.mark.parametrize(("kind", "status"), [("album", 201), ("tag", 400)])
def test_albums_are_shared_and_tags_are_not(api, user, kind, status):
    collection = create_collection(owner=user, kind=kind, name="Holidays")
    assert api.post(LINKS, {"album": str(collection.pk)}, format="json").status_code == status
