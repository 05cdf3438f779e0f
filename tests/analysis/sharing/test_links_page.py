"""Making, listing and revoking links, on the pages of their owner."""

import re

import pytest
from django.urls import reverse

from analysis.albums.services import add_items, create_collection
from analysis.models import SharedLink
from tests.analysis.factories import make_photo
from tests.analysis.session_factories import make_session

LINKS = reverse("analysis:links")


def _share(photo):
    return reverse("analysis:share-photo", args=[photo.pk])


def test_a_link_is_made_and_shown_once(signed_in, client, photo):
    page = signed_in.post(_share(photo), {"shows": "picture", "days": "7", "title": "For Ben"}).content.decode()
    (url,) = re.findall(r'value="(http://testserver/s/[\w-]+/)"', page)
    assert b"For Ben" in client.get(url).content
    assert "For Ben" in signed_in.get(LINKS).content.decode()
    assert url not in signed_in.get(LINKS).content.decode() + signed_in.get(_share(photo)).content.decode()


def test_site_url_begins_the_link(signed_in, photo, settings):
    settings.SITE_URL = "https://faces.example.org"
    page = signed_in.post(_share(photo), {"shows": "numbers", "days": "1"}).content.decode()
    assert re.search(r'value="https://faces.example.org/s/[\w-]+/"', page)


@pytest.mark.parametrize(
    ("values", "status", "message"),
    [
        ({"shows": "everything", "days": "7"}, 200, "Select a valid choice"),
        ({"shows": "picture", "days": "3650"}, 200, "Select a valid choice"),
        ({"shows": "picture", "days": "7", "password": "12345678"}, 422, "This password is too common"),
    ],
)
def test_what_is_refused_makes_no_link(signed_in, photo, values, status, message):
    response = signed_in.post(_share(photo), values)
    assert response.status_code == status
    assert message in response.content.decode()
    assert not SharedLink.objects.exists()


def test_a_live_session_is_shared_as_numbers(signed_in, user):
    address = reverse("analysis:share-session", args=[make_session(user, {1: "happy"}).pk])
    assert b'name="shows"' not in signed_in.get(address).content
    signed_in.post(address, {"days": "30"})
    assert SharedLink.objects.get().shows == "numbers"


@pytest.mark.parametrize(("kind", "status"), [("album", 200), ("tag", 404)])
def test_an_album_is_shared_from_its_page_and_a_tag_is_not(signed_in, client, user, photo, kind, status):
    collection = create_collection(owner=user, kind=kind, name="ada's holidays")
    add_items(collection=collection, photos=[photo.pk])
    address = reverse("analysis:share-album", args=[collection.pk])
    page = signed_in.get(reverse("analysis:album", args=[collection.pk])).content.decode()
    assert (address in page) == (kind == "album")
    made = signed_in.post(address, {"shows": "picture", "days": "1"})
    assert made.status_code == status
    if kind == "album":
        (url,) = re.findall(r'value="(http://testserver/s/[\w-]+/)"', made.content.decode())
        assert b"thumbnail.webp" in client.get(url).content


def test_a_link_is_revoked(signed_in, client, share, photo):
    new = share(photo)
    response = signed_in.post(reverse("analysis:link-revoke", args=[new.link.pk]), {"next": "//evil.example/"})
    assert response["Location"] == LINKS
    assert client.get(reverse("analysis:shared", args=[new.secret])).status_code == 410
    assert b"Revoked" in signed_in.get(LINKS).content


def test_only_what_is_ones_own_is_shared(signed_in, other_user):
    assert signed_in.get(_share(make_photo(other_user))).status_code == 404


def test_without_links_the_page_says_how_to_make_one(signed_in):
    assert b"No shared links" in signed_in.get(LINKS).content
