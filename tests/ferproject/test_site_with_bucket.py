"""Two web processes with folders of their own, and one S3 bucket."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from tests.analysis.factories import landscape
from tests.support.live_site import create_tokens
from tests.support.site import RunningSite

pytestmark = pytest.mark.slow
MARKED = bytes(range(256)) * 4000
"""Stands for an annotated video."""
SAVE_VIDEO = """
from accounts.models import User
from analysis.videos import upload_parts
from analysis.videos.models import Video
from pathlib import Path
path = Path({folder!r}, "marked.mp4")
path.write_bytes(bytes(range(256)) * 4000)
name = upload_parts.save_annotated(path)
owner = User.objects.get(email={email!r})
print(Video.objects.create(owner=owner, name="talk.mp4", bytes=1, status="finished", annotated=name).pk)
"""
LIST_FILES = """
import json
import uuid
from analysis.models import Photo
photos = Photo.objects.filter(owner__email={email!r})
print(json.dumps([name for pair in photos.values_list("picture", "thumbnail") for name in pair]))
"""
DELETE_PERSON = """
from accounts.models import User
from accounts.privacy import deletion
for user in User.objects.filter(email={email!r}, deletion=None):
    deletion.request_deletion(user=user)
deletion.sweep_deletions()
print(User.objects.filter(email={email!r}).count())
"""


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory, s3_server) -> Iterator[SimpleNamespace]:
    """Two sites with one database and one bucket, each with a `VAR_DIR` of its own."""
    environment = {**s3_server.environment(), "SECRET_KEY": "of both"}
    one, two = (RunningSite(tmp_path_factory.mktemp(name), **environment) for name in ("one", "two"))
    one.start()
    one.create_user(one.admin_email, superuser=True)
    two.use_database(one.database)
    (two.folder / "static").symlink_to(one.folder / "static")
    two.launch()
    yield SimpleNamespace(one=one, two=two, server=s3_server, bucket=environment["S3_BUCKET"])
    two.stop()
    one.stop()


@pytest.fixture
def ada(sites) -> Iterator[SimpleNamespace]:
    """Somebody who is signed in, with a client of each web process."""
    email = f"ada-{uuid.uuid4().hex[:8]}@bucket.example"
    (secret,) = create_tokens(sites.one, [email])
    headers = {"Authorization": f"Token {secret}", "Accept": "application/json"}
    one, two = (httpx.Client(base_url=site.url, headers=headers, timeout=60) for site in (sites.one, sites.two))
    with one, two:
        one.get("/accounts/login/")
        form = {"login": email, "password": sites.one.password, "csrfmiddlewaretoken": one.cookies["csrftoken"]}
        one.post("/accounts/login/", data=form)
        two.cookies.update(one.cookies)
        yield SimpleNamespace(email=email, one=one, two=two)
    assert sites.one.shell(DELETE_PERSON.format(email=email)).strip() == "0"


def _upload(client: httpx.Client) -> httpx.Response:
    files = {"photo": ("beach.jpg", landscape(), "image/jpeg")}
    return client.post("/api/v1/analyses/", files=files, data={"people_agreed": "true"})


def _files(sites, email: str) -> list[str]:
    """Return the names of the files in the rows of somebody's photos."""
    return json.loads(sites.one.shell(LIST_FILES.format(email=email)))


def test_a_photo_uploaded_to_one_is_shown_by_the_other(sites, ada):
    uploaded = _upload(ada.one)
    assert uploaded.status_code == 201
    photo = f"/photos/{uploaded.json()['id']}"
    picture, thumbnail = (ada.two.get(f"{photo}/{file}") for file in ("image.jpg", "thumbnail.webp"))
    assert (picture.status_code, picture.content[:3]) == (200, b"\xff\xd8\xff")
    assert (thumbnail.status_code, thumbnail.content[8:12]) == (200, b"WEBP")
    assert int(picture.headers["Content-Length"]) == len(picture.content)
    names = _files(sites, ada.email)
    assert len(names) == 2
    assert set(names) <= set(sites.server.names(sites.bucket))
    assert not (sites.one.folder / "media").exists()


def test_a_deleted_photos_files_leave_the_bucket(sites, ada):
    uploaded = _upload(ada.one).json()
    names = _files(sites, ada.email)
    assert ada.two.delete(f"/api/v1/analyses/{uploaded['id']}/").status_code == 204
    assert not set(names) & set(sites.server.names(sites.bucket))


def test_a_range_of_a_video_is_sent_by_either(sites, ada):
    pk = sites.one.shell(SAVE_VIDEO.format(folder=str(sites.one.folder), email=ada.email)).strip()
    address = f"/videos/{pk}/annotated/"
    part = ada.two.get(address, headers={"Range": "bytes=1000-300999"})
    assert (part.status_code, part.headers["Content-Range"]) == (206, f"bytes 1000-300999/{len(MARKED)}")
    assert part.content == MARKED[1000:301_000]
    assert ada.one.get(address).content == MARKED


def test_while_the_bucket_is_away_files_are_503_and_all_else_goes_on(sites, ada):
    thumbnail = f"/photos/{_upload(ada.one).json()['id']}/thumbnail.webp"
    sites.server.stop()
    try:
        refused = [_upload(ada.one), ada.two.get(thumbnail)]
        page, listed = httpx.get(f"{sites.one.url}/accounts/login/"), ada.one.get("/api/v1/analyses/")
    finally:
        sites.server.start()
    for answer in refused:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert (answer.json()["code"], answer.json()["retryable"]) == ("files_absent", True)
    assert (page.status_code, len(listed.json()["results"])) == (200, 1)
    assert _upload(ada.one).status_code == 201
    assert ada.two.get(thumbnail).status_code == 200


def test_orphans_are_swept_and_nothing_else(sites, ada):
    _upload(ada.one)
    names = _files(sites, ada.email)
    for orphan in ("photos/ab/orphan.jpg", "videos/ab/orphan.0000000000000.part", "other/kept"):
        sites.server.client().put_object(Bucket=sites.bucket, Key=orphan, Body=b"x")
    sweep = "from analysis.management.commands.sweep_files import *; print(sweep_files(older_than=dt.timedelta(0)))"
    assert sites.two.shell(sweep).strip() == "2"
    left = sites.server.names(sites.bucket)
    assert set(names) <= set(left)
    assert [name for name in left if "orphan" in name] == []
    assert "other/kept" in left


def test_a_persons_deletion_waits_for_the_bucket_and_reaches_it(sites, ada):
    _upload(ada.one)
    names = _files(sites, ada.email)
    sites.server.stop()
    try:
        waiting = sites.two.shell(DELETE_PERSON.format(email=ada.email)).strip()
    finally:
        sites.server.start()
    assert waiting == "1"
    assert sites.two.shell(DELETE_PERSON.format(email=ada.email)).strip() == "0"
    assert not set(names) & set(sites.server.names(sites.bucket))


def test_nothing_of_the_sites_files_is_in_their_folders(sites):
    for site in (sites.one, sites.two):
        assert not list(Path(site.folder).glob("media/**/*"))
