"""What visitors see by a link, and when it ends."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from analysis.albums.services import add_items, create_collection, delete_collection
from analysis.models import Session, SharedLink, Video
from analysis.sharing.services import revoke_link
from tests.analysis.factories import make_photo
from tests.analysis.session_factories import make_session
from tests.analysis.sharing.conftest import address


@pytest.fixture
def video(user):
    session = make_session(user, {1: "happy"}, name="ada's film", source=Session.Source.VIDEO)
    film = default_storage.save("videos/ab/annotated.webm", ContentFile(bytes(range(256))))
    return Video.objects.create(owner=user, session=session, name="f.mp4", bytes=1, status="finished", annotated=film)


def test_a_photo_is_seen_with_its_faces_and_without_its_owner(client, share, photo, user):
    page = client.get(address(share(photo))).content.decode()
    assert "2 faces" in page
    assert page.count("face-card ") == 2
    assert page.count("<form") == 1  # the choice of language
    for hidden in (user.email, photo.name, "/correct/", f'"{reverse("analysis:image", args=[photo.pk])}'):
        assert hidden not in page


@pytest.mark.parametrize("path", ["page", "file", "ended"])
def test_no_search_engine_lists_it_and_no_site_learns_its_address(client, share, photo, path):
    new = share(photo)
    if path == "ended":
        SharedLink.objects.update(expires_at=timezone.now())
    response = client.get(address(new, "shared-image", photo.pk) if path == "file" else address(new))
    response.close()
    assert response["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] in ("private, no-store", "private, no-cache")
    if path != "file":
        assert b'<meta name="robots" content="noindex' in response.content
        assert b'<meta name="referrer" content="no-referrer">' in response.content


@pytest.mark.django_db(transaction=True)
def test_files_are_the_owners_own_by_the_link_alone(client, share, photo):
    new = share(photo)
    sent = client.get(address(new, "shared-image", photo.pk))
    with photo.picture.open() as kept:
        assert b"".join(sent.streaming_content) == kept.read()
    assert client.get(address(new, "shared-image", photo.pk), HTTP_IF_NONE_MATCH=sent["ETag"]).status_code == 304
    download = client.get(address(new, "shared-image", photo.pk) + "?download")
    download.close()
    assert download["Content-Disposition"] == 'attachment; filename="photo.jpg"'
    another = make_photo(photo.owner)
    assert client.get(address(new, "shared-image", another.pk)).status_code == 404
    assert client.get(reverse("analysis:image", args=[photo.pk])).status_code == 302


@pytest.mark.parametrize("field", ["shared-image", "shared-thumbnail"])
def test_of_numbers_only_no_picture_is_sent(client, share, photo, field):
    new = share(photo, shows="numbers")
    page = client.get(address(new)).content.decode()
    assert "image.jpg" not in page
    assert "data-overlay" not in page
    assert page.count("face-card ") == 2
    assert client.get(address(new, field, photo.pk)).status_code == 404


def _expire(new, user):
    SharedLink.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))


def _delete_photo(new, user):
    new.link.photo.delete()


ENDS = {
    "expired": _expire,
    "revoked": lambda new, user: revoke_link(link=new.link, by=user),
    "photo deleted": _delete_photo,
    "account deleted": lambda new, user: user.delete(),
    "account locked": lambda new, user: type(user).objects.update(is_active=False),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_link_that_ended_answers_410(client, share, photo, user, end):
    new, pk = share(photo), photo.pk
    end(new, user)
    for path in (address(new), address(new, "shared-photo", pk), address(new, "shared-image", pk)):
        assert client.get(path).status_code == 410
    assert b"no longer works" in client.get(address(new)).content


@pytest.mark.parametrize("secret", ["nothing", "x" * 5000, "%00"])
def test_an_invented_link_is_answered_as_one_that_ended(client, db, secret):
    assert client.get(f"/s/{secret}/").status_code == 410


def test_a_session_is_seen_without_name_notes_and_time(client, share, user):
    session = make_session(user, {1: "happy", 2: "sad"}, name="ada's rehearsal")
    Session.objects.update(notes="secret notes")
    new = share(session, shows="numbers", title="Before the talk")
    page = client.get(address(new)).content.decode()
    assert "Before the talk" in page
    for hidden in ("rehearsal", "secret notes", "10 March 2026", "data-started"):
        assert hidden not in page
    data = client.get(address(new, "shared-session-data", session.pk)).json()
    assert data["seconds"] == 60
    assert client.get(address(new, "shared-session-data", session.pk) + "?start=9&end=5").status_code == 400


@pytest.mark.parametrize(("shows", "status"), [("picture", 206), ("numbers", 404)])
def test_a_videos_picture_is_sent_in_ranges(client, share, video, shows, status):
    new = share(video.session, shows=shows)
    assert (b"<video" in client.get(address(new)).content) == (shows == "picture")
    response = client.get(address(new, "shared-session-video", video.session_id), HTTP_RANGE="bytes=3-5")
    assert response.status_code == status
    assert (response.get("Content-Range") == "bytes 3-5/256") == (status == 206)


@pytest.mark.parametrize("shows", ["picture", "numbers"])
def test_an_album_shows_what_is_in_it_and_nothing_else(client, share, photo, user, shows):
    session = make_session(user, {1: "happy"})
    album = create_collection(owner=user, kind="album", name="ada's holidays")
    add_items(collection=album, photos=[photo.pk], sessions=[session.pk])
    new, other = share(album, shows=shows), make_photo(user)
    page = client.get(address(new)).content.decode()
    assert "1 photo · 2 faces" in page
    assert address(new, "shared-photo", photo.pk) in page
    assert address(new, "shared-session", session.pk) in page
    assert ("thumbnail.webp" in page) == (shows == "picture")
    for hidden in ("holidays", "File deleted"):
        assert hidden not in page
    assert client.get(address(new, "shared-photo", photo.pk)).content.count(b"face-card ") == 2
    assert client.get(address(new, "shared-session", session.pk)).status_code == 200
    assert client.get(address(new, "shared-photo", other.pk)).status_code == 404


def test_a_deleted_album_ends_its_link(client, share, user):
    album = create_collection(owner=user, kind="album", name="Empty")
    new = share(album)
    assert b"This album is empty" in client.get(address(new)).content
    delete_collection(collection=album)
    assert client.get(address(new)).status_code == 410
