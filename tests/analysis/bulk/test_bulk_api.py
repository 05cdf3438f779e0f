"""API of albums, tags and bulk actions."""

import io
import uuid
import zipfile

import pytest

from analysis.bulk import services
from analysis.photos.models import Photo
from tests.analysis.factories import make_photo
from tests.analysis.session_factories import make_session

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]

ALBUMS, BULK = "/api/v1/albums/", "/api/v1/bulk/"


@pytest.fixture
def album(api) -> dict:
    return api.post(ALBUMS, {"name": "Holiday"}, format="json").json()


def _act(api, status=202, **body):
    response = api.post(BULK, body, format="json")
    assert response.status_code == status, response.content
    return response.json()


def test_an_album_is_filled_and_narrows_lists_and_history(api, user, album):
    inside, _ = make_photo(user, emotions=["happy"]), make_photo(user, emotions=["sad"])
    session = make_session(user, {1: "happy"})
    job = _act(api, action="add", kind="photos", filter={"emotion": "happy"}, album=album["id"])
    assert (job["status"], job["done"]) == ("finished", 1)
    _act(api, action="add", kind="sessions", ids=[str(session.pk)], album=album["id"])
    edited = api.patch(f"{ALBUMS}{album['id']}/", {"cover": str(inside.pk)}, format="json").json()
    assert (edited["photos"], edited["sessions"], edited["cover"]) == (1, 1, str(inside.pk))
    query = {"album": album["id"]}
    assert [row["id"] for row in api.get("/api/v1/analyses/", query).json()["results"]] == [str(inside.pk)]
    assert [row["id"] for row in api.get("/api/v1/sessions/", query).json()["results"]] == [str(session.pk)]
    assert api.get("/api/v1/history/summary/", query).json()["n"] == 1
    assert api.get("/api/v1/history/", query).json()["n"] == 1
    assert len(b"".join(api.get("/api/v1/history/export.csv", query)).splitlines()) == 3
    assert api.delete(f"{ALBUMS}{album['id']}/").status_code == 204
    assert Photo.objects.count() == 2


def test_a_deletion_is_undone_until_its_time(api, user, settings):
    settings.DELETION_UNDO_SECONDS = 10
    make_photo(user)
    job = _act(api, action="delete", kind="photos", filter={})
    assert (job["status"], Photo.objects.count(), job["undo_until"] > job["created_at"]) == ("waiting", 0, True)
    assert api.post(f"{BULK}{job['id']}/cancel/").status_code == 204
    assert Photo.objects.count() == 1


def test_an_archive_is_downloaded(api, user):
    make_photo(user)
    job = _act(api, action="zip", kind="photos", filter={})
    archive = b"".join(api.get(f"{BULK}{job['id']}/download/"))
    assert len(zipfile.ZipFile(io.BytesIO(archive)).namelist()) == 1


def test_ten_thousand_ids_may_be_sent_and_not_one_more(api, user):
    photo = make_photo(user)
    ids = [str(photo.pk), *(str(uuid.uuid4()) for _ in range(services.MAX_SELECTED - 1))]
    assert _act(api, action="zip", kind="photos", ids=ids)["total"] == 1
    refused = _act(api, 400, action="zip", kind="photos", ids=[*ids, str(uuid.uuid4())])
    assert (refused["code"], refused["message"]) == (
        "too_many_selected",
        "You can select up to 10,000 items at once. Select fewer.",
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"action": "zip", "kind": "photos"}, 400),
        ({"action": "zip", "kind": "photos", "ids": [], "filter": {}}, 400),
        ({"action": "zip", "kind": "photos", "ids": []}, 400),
        ({"action": "zip", "kind": "photos", "ids": "all"}, 400),
        ({"action": "zip", "kind": "photos", "filter": {"emotion": "hungry"}}, 400),
        ({"action": "add", "kind": "photos", "filter": {}}, 400),
        ({"action": "add", "kind": "photos", "filter": {}, "album": str(uuid.uuid4())}, 404),
        ({"action": "again", "kind": "sessions", "filter": {}}, 409),
        ({"action": "wash", "kind": "photos", "filter": {}}, 400),
    ],
)
def test_what_cannot_be_done_is_refused(api, user, body, status):
    make_photo(user)
    _act(api, status, **body)


def test_an_album_of_somebody_else_is_not_found(api, others_api, user, album):
    make_photo(user)
    assert others_api.get(f"{ALBUMS}{album['id']}/").status_code == 404
    theirs = others_api.post(ALBUMS, {"name": "Theirs"}, format="json").json()["id"]
    _act(api, 404, action="add", kind="photos", filter={}, album=theirs)
    assert api.get("/api/v1/history/", {"album": theirs}).status_code == 404
    assert api.get("/api/v1/analyses/", {"album": theirs}).json()["results"] == []
