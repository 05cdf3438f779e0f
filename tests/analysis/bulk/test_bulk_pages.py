"""What the forms of the lists do to what is selected."""

import datetime as dt
import io
import zipfile

import pytest
from django.urls import reverse

from analysis.albums.services import add_items, create_collection
from analysis.bulk import services
from analysis.bulk.models import BulkJob
from analysis.photos.models import Photo
from analysis.sessions.models import Session
from tests.analysis.factories import make_photo
from tests.analysis.session_factories import NOON, make_session
from tests.support.access_objects import video as make_video

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]


@pytest.fixture
def album(user):
    return create_collection(owner=user, kind="album", name="Holiday")


@pytest.fixture
def post(signed_in):
    """Send a list's form; return the last response."""

    def post(to="bulk-photos", **fields):
        return signed_in.post(reverse(f"analysis:{to}"), fields, follow=True)

    return post


def test_it_asks_for_the_album_and_adds_what_is_selected(user, album, post):
    photo, _ = make_photo(user), make_photo(user)
    asked = post(action="add", item=str(photo.pk)).content.decode()
    assert "Add to album" in asked
    assert f'value="{photo.pk}"' in asked
    done = post(action="add", item=str(photo.pk), chosen="1", album=str(album.pk)).content.decode()
    assert "Added to “Holiday”: 1 photo" in done
    assert list(album.photos.all()) == [photo]
    assert "Choose an album or name a new one" in post(action="add", item=str(photo.pk), chosen="1").content.decode()


def test_a_new_tag_for_all_that_match_the_filter(user, post):
    happy = [make_photo(user, emotions=["happy"]) for _ in range(2)]
    make_photo(user, emotions=["sad"])
    assert "2 photos" in post(action="tag", all="1", filter="emotion=happy").content.decode()
    post(action="tag", all="1", filter="emotion=happy", chosen="1", name="joy")
    assert set(user.collections.tags().get().photos.all()) == set(happy)


def test_an_album_takes_out_what_is_selected(user, album, post):
    photo = make_photo(user)
    add_items(collection=album, photos=[photo.pk])
    back = reverse("analysis:album", args=[album.pk])
    response = post(action="remove", album=str(album.pk), all="1", filter=f"album={album.pk}", next=back)
    assert response.redirect_chain[-1][0] == back
    assert album.photos.count() == 0


@pytest.mark.parametrize("action", ["add", "remove"])
def test_an_album_of_somebody_else_is_not_found(user, other_user, post, action):
    photo, theirs = make_photo(user), create_collection(owner=other_user, kind="album", name="Theirs")
    response = post(action=action, item=str(photo.pk), album=str(theirs.pk))
    assert (response.status_code, theirs.photos.count()) == (404, 0)


def test_ten_thousand_and_one_are_refused(user, post, monkeypatch):
    monkeypatch.setattr(services, "MAX_SELECTED", 1)
    for _ in range(2):
        make_photo(user)
    for sent in ({"all": "1"}, {"item": [str(photo.pk) for photo in Photo.objects.all()]}):
        content = post(action="zip", **sent).content.decode()
        assert "You can select up to 1 items at once. Select fewer." in content
    assert BulkJob.objects.count() == 0


def test_a_download_holds_photos_sessions_and_videos(user, signed_in, post):
    make_photo(user, name="beach.jpg")
    make_session(user, {1: "happy", 2: "sad"}, name="Act 1. Scene 2")
    make_video(user)
    expected = {
        "photos": [("photos/", "beach", ".jpg")],
        "sessions": [("sessions/", "Act 1. Scene 2", ".csv")],
        "videos": [("sessions/", "owners-own", ".csv"), ("videos/", "owners-own", ".webm")],
    }
    for kind, files in expected.items():
        response = post(f"bulk-{kind}", action="zip", all="1")
        names = sorted(zipfile.ZipFile(io.BytesIO(b"".join(response))).namelist())
        assert [(n[: len(a)], b in n, n.endswith(c)) for n, (a, b, c) in zip(names, files, strict=True)] == [
            (a, True, True) for a, _, _ in files
        ]


def test_a_deletion_can_be_undone_on_the_page(user, signed_in, post, settings):
    settings.DELETION_UNDO_SECONDS = 10
    photo = make_photo(user)
    asked = post("photos-delete", item=str(photo.pk)).content.decode()
    assert "Delete 1 photo?" in asked
    assert "You can undo this for 10 seconds" in asked
    content = post("photos-delete", item=str(photo.pk), confirmed="1").content.decode()
    assert "Deleted: 1 photo" in content
    job = BulkJob.objects.get()
    undo = reverse("analysis:bulk-cancel", args=[job.pk])
    assert undo in signed_in.get(reverse("analysis:bulk-jobs")).content.decode()
    assert "Restored: 1 photo" in signed_in.post(undo, follow=True).content.decode()
    assert Photo.objects.get() == photo


@pytest.mark.parametrize("kind", ["photos", "sessions", "videos"])
def test_all_of_a_list_are_deleted(user, post, kind):
    make_photo(user)
    make_session(user, {1: "happy"})
    make_video(user)
    post(f"{kind}-delete", all="1", confirmed="1")
    left = Photo.objects.count(), Session.objects.filter(source="live").count(), user.videos.count()
    assert left == {"photos": (0, 1, 1), "sessions": (1, 0, 1), "videos": (1, 1, 0)}[kind]


def test_a_running_job_shows_its_progress_and_can_be_cancelled(user, album, signed_in, post, sent, monkeypatch):
    monkeypatch.setattr(services, "MAX_AT_ONCE", 0)
    make_photo(user)
    content = post(action="add", all="1", album=str(album.pk)).content.decode()
    assert "Adding to “Holiday”: 1 photo" in content
    assert 'max="1"' in content
    job = BulkJob.objects.get()
    signed_in.post(reverse("analysis:bulk-cancel", args=[job.pk]))
    assert "Cancelled after 0 of 1 photo" in signed_in.get(reverse("analysis:bulk-jobs")).content.decode()
    signed_in.post(reverse("analysis:bulk-dismiss", args=[job.pk]))
    assert BulkJob.objects.count() == 0


def test_it_leads_to_no_other_site(user, post):
    make_photo(user)
    response = post(action="wash", all="1", next="https://evil.example/")
    assert response.redirect_chain[-1][0] == reverse("analysis:history")


def _make_session(user):
    return make_session(user, {1: "happy"}, started_at=NOON + dt.timedelta(minutes=user.sessions.count()))


@pytest.mark.parametrize(
    ("kind", "name", "make"),
    [("photos", "photo", make_photo), ("sessions", "session", _make_session)],
)
def test_two_that_are_selected_are_compared_the_older_first(signed_in, user, post, kind, name, make):
    older, newer, third = (make(user) for _ in range(3))
    items = [str(newer.pk), str(older.pk)]
    response = signed_in.post(reverse(f"analysis:bulk-{kind}"), {"action": "compare", "item": items})
    address = reverse(f"analysis:compare-{kind}")
    assert response["Location"] == f"{address}?{name}={older.pk}&{name}={newer.pk}"
    for item in ([], items[:1], [*items, str(third.pk)]):
        content = post(f"bulk-{kind}", action="compare", item=item).content.decode()
        assert "Select exactly two items to compare." in content


def test_videos_are_not_compared(user, post):
    assert post("bulk-videos", action="compare", item=[str(make_video(user).pk)] * 2).status_code == 404
