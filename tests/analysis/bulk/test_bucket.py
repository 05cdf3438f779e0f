"""Bulk actions on photos, sessions and videos whose files are in an S3 bucket."""

import datetime as dt
import io
import zipfile

import pytest

from analysis.bulk.models import BulkJob
from analysis.bulk.services import cancel_job, sweep_jobs
from analysis.bulk.worker import run_job
from analysis.photos.models import Photo
from analysis.videos.models import Video
from tests.analysis.factories import make_photo
from tests.support.access_objects import video as make_video

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]


@pytest.fixture
def stored(bucket, s3_server):
    """Return the names of the objects in the site's bucket."""
    return lambda: s3_server.names(bucket.bucket_name)


def _of_bucket(name):
    with Photo._meta.get_field("picture").storage.open(name) as file:
        return file.read()


@pytest.mark.parametrize("kind", ["photos", "videos"])
def test_an_archive_has_the_files(api, user, stored, kind):
    row = make_photo(user, name="beach.jpg") if kind == "photos" else make_video(user)
    file = row.picture if kind == "photos" else row.annotated
    assert file.name in stored()
    job = api.post("/api/v1/bulk/", {"action": "zip", "kind": kind, "filter": {}}, format="json").json()
    archive = zipfile.ZipFile(io.BytesIO(b"".join(api.get(f"/api/v1/bulk/{job['id']}/download/"))))
    assert _of_bucket(file.name) in [archive.read(name) for name in archive.namelist()]


@pytest.mark.parametrize(("make", "model", "kind"), [(make_photo, Photo, "photos"), (make_video, Video, "videos")])
def test_files_stay_until_a_deletion_cannot_be_undone(user, act, sent, stored, settings, make, model, kind):
    settings.DELETION_UNDO_SECONDS = 10
    make(user)
    names = stored()
    cancel_job(job=act("delete", model.objects.owned_by(user), kind))
    assert (model.objects.count(), stored()) == (1, names)
    job = act("delete", model.objects.owned_by(user), kind)
    assert (model.objects.count(), stored()) == (0, names)
    BulkJob.objects.filter(pk=job.pk).update(due_at=job.due_at - dt.timedelta(seconds=11))
    sweep_jobs()
    for job_id in sent:
        run_job(job_id=job_id)
    assert (model._base_manager.count(), stored()) == (0, [])


def test_an_album_of_photos_in_the_bucket_loses_nothing_by_being_deleted(api, user, stored):
    make_photo(user)
    names = stored()
    album = api.post("/api/v1/albums/", {"name": "Holiday"}, format="json").json()["id"]
    for action in ("add", "remove", "add"):
        body = {"action": action, "kind": "photos", "filter": {}, "album": album}
        assert api.post("/api/v1/bulk/", body, format="json").json()["done"] == 1
    assert api.delete(f"/api/v1/albums/{album}/").status_code == 204
    assert (Photo.objects.count(), stored()) == (1, names)
