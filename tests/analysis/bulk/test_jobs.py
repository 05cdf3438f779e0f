"""Bulk jobs: a few items at once, many by a worker, which goes on where another one died."""

import uuid

import pytest

from analysis.albums.models import CollectionSum
from analysis.albums.services import create_collection
from analysis.bulk import services
from analysis.bulk.models import BulkJob
from analysis.bulk.worker import run_job
from analysis.errors import BulkError
from analysis.management.verify_history import verify_history
from analysis.photos.models import Photo
from analysis.sessions.models import Session
from analysis.videos.models import Video
from tests.analysis.factories import make_photo
from tests.analysis.session_factories import make_session
from tests.support.access_objects import video as make_video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def album(user):
    return create_collection(owner=user, kind="album", name="Holiday")


def test_a_few_are_done_at_once(user, other_user, act, album, sent):
    photos = [make_photo(user) for _ in range(3)]
    make_photo(other_user)
    job = act("add", collection=album)
    assert (job.status, job.done, job.total, sent) == ("finished", 3, 3, [])
    assert set(album.photos.all()) == set(photos)
    act("remove", Photo.objects.filter(pk=photos[0].pk), collection=album)
    assert (album.photos.count(), verify_history(owner=album)) == (2, [])


def test_many_are_done_by_a_worker_batch_by_batch(user, act, album, sent, monkeypatch):
    monkeypatch.setattr(services, "MAX_AT_ONCE", 2)
    monkeypatch.setattr("analysis.bulk.worker._batch_size", lambda job: 2)
    for _ in range(5):
        make_photo(user)
    job = act("add", collection=album)
    assert (job.status, sent, album.photos.count()) == ("queued", [str(job.pk)], 0)
    monkeypatch.setattr("analysis.bulk.worker.TURN_SECONDS", 0)
    seen = []
    while BulkJob.objects.get().is_open:
        run_job(job_id=job.pk)
        seen.append((BulkJob.objects.get().done, album.photos.count()))
    assert seen == [(2, 2), (4, 4), (5, 5)]
    assert sum(CollectionSum.objects.values_list("n", flat=True)) == 5


def test_a_cancelled_job_stops_before_its_next_batch(user, act, album, sent, monkeypatch):
    monkeypatch.setattr(services, "MAX_AT_ONCE", 0)
    make_photo(user)
    job = act("add", collection=album)
    services.cancel_job(job=job)
    run_job(job_id=job.pk)
    assert (BulkJob.objects.get().status, album.photos.count()) == ("cancelled", 0)
    with pytest.raises(BulkError, match="already ended"):
        services.cancel_job(job=job)


def test_sessions_and_analysed_videos_go_into_albums(user, act, album):
    session, video = make_session(user, {1: "happy"}), make_video(user)
    act("add", Session.objects.filter(pk=session.pk), "sessions", collection=album)
    act("add", Video.objects.all(), "videos", collection=album)
    assert set(album.sessions.values_list("pk", flat=True)) == {session.pk, video.session_id}


def test_photos_are_analysed_again_by_a_worker(user, act, sent, send, hopper, model):
    send(hopper)
    Photo.objects.update(model="earlier-1")
    lost = make_photo(user)
    lost.picture.delete()
    job = act("again")
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert (job.status, job.done, job.failed) == ("finished", 2, 1)
    photo = Photo.objects.exclude(pk=lost.pk).get()
    assert (photo.model != "earlier-1", photo.analyses.count()) == (True, 2)


def test_a_failed_video_is_tried_again_and_another_is_not(user, act, sent):
    failed = make_video(user)
    Video.objects.filter(pk=failed.pk).update(status="failed", file="videos/ab/upload.mp4", session=None)
    make_video(user)
    job = act("again", Video.objects.all(), "videos")
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert (job.failed, Video.objects.get(pk=failed.pk).status) == (1, "queued")


@pytest.mark.parametrize(
    ("action", "kind", "code"),
    [("again", "sessions", "unknown_action"), ("wash", "photos", "unknown_action"), ("zip", "photos", "bad_selection")],
)
def test_what_cannot_be_done_is_refused(act, action, kind, code):
    rows = {"sessions": Session, "photos": Photo}[kind].objects.all()
    with pytest.raises(BulkError) as refused:
        act(action, rows, kind)
    assert (refused.value.code, BulkJob.objects.count()) == (code, 0)


def test_ten_thousand_may_be_selected_and_not_one_more(user, act, album, monkeypatch):
    monkeypatch.setattr(services, "MAX_SELECTED", 2)
    make_photo(user), make_photo(user)
    assert act("add", collection=album).total == 2
    make_photo(user)
    with pytest.raises(BulkError, match="up to 2 items") as refused:
        act("add", collection=album)
    assert (refused.value.code, services.check_count(2)) == ("too_many_selected", None)


def test_a_person_has_few_jobs_at_once(user, act, album):
    make_photo(user)
    for _ in range(services.MAX_OPEN):
        BulkJob.objects.create(owner=user, action="add", kind="photos", total=1, ids=[str(uuid.uuid4())])
    with pytest.raises(BulkError) as refused:
        act("add", collection=album)
    assert (refused.value.code, refused.value.retryable) == ("too_many_jobs", True)
