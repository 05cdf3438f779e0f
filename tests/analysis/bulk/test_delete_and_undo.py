"""What is deleted is hidden at once, can be brought back for some seconds, and is gone then, whatever dies."""

import datetime as dt

import pytest
from django.utils import timezone

from analysis.bulk.models import BulkJob
from analysis.bulk.services import cancel_job, sweep_jobs
from analysis.bulk.worker import run_job
from analysis.deletions.models import PendingDeletion
from analysis.errors import BulkError
from analysis.history.models import HistorySum
from analysis.management.commands.sweep_files import sweep_files
from analysis.management.verify_history import verify_history
from analysis.photos.models import Photo
from analysis.sessions.models import Sample, Session
from analysis.videos.models import Video
from tests.analysis.factories import kept_files, make_photo
from tests.analysis.session_factories import make_session
from tests.support.access_objects import video as make_video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def ten_seconds(settings):
    settings.DELETION_UNDO_SECONDS = 10


def _let_time_pass(seconds=11):
    later = dt.timedelta(seconds=seconds)
    for job in BulkJob.objects.all():
        BulkJob.objects.filter(pk=job.pk).update(due_at=job.due_at - later)


def _sweep(sent):
    sweep_jobs()
    for job_id in sent:
        run_job(job_id=job_id)
    sent.clear()


def test_it_is_hidden_at_once_and_gone_after_its_time(user, act, sent, signed_in):
    photo, files = make_photo(user, emotions=["happy", "sad"]), kept_files()
    job = act("delete")
    assert (Photo.objects.count(), kept_files(), job.can_be_undone) == (0, files, True)
    assert signed_in.get(f"/photos/{photo.pk}/").status_code == 404
    assert signed_in.get(f"/photos/{photo.pk}/image.jpg").status_code == 404
    assert signed_in.get(f"/api/v1/analyses/{photo.pk}/").status_code == 404
    _sweep(sent)
    assert Photo._base_manager.count() == 1
    _let_time_pass()
    _sweep(sent)
    assert (Photo._base_manager.count(), kept_files(), PendingDeletion.objects.count()) == (0, [], 0)
    assert (HistorySum.objects.count(), BulkJob.objects.get().ids) == (0, [])


def test_it_is_undone_within_its_time_and_not_after(user, act, sent):
    photo = make_photo(user)
    cancel_job(job=act("delete"))
    assert (Photo.objects.get(), PendingDeletion.objects.count()) == (photo, 0)
    assert verify_history(owner=user) == []
    job = act("delete")
    _let_time_pass()
    with pytest.raises(BulkError, match="too late"):
        cancel_job(job=job)
    assert Photo.objects.count() == 0


def test_a_worker_that_dies_in_the_middle_is_made_good_by_the_sweeper(user, act, sent, monkeypatch):
    for _ in range(3):
        make_photo(user)
    act("delete")
    _let_time_pass()
    monkeypatch.setattr("analysis.bulk.worker._batch_size", lambda job: 1)
    with monkeypatch.context() as patch:
        patch.setattr("analysis.bulk.worker.delete_photos", _die)
        with pytest.raises(SystemExit):
            _sweep(sent)
    sent.clear()
    assert (Photo._base_manager.count(), Photo.objects.count()) == (3, 0)
    long_ago = timezone.now() - dt.timedelta(hours=1)
    BulkJob.objects.update(heartbeat_at=long_ago)
    _sweep(sent)
    assert (Photo._base_manager.count(), PendingDeletion.objects.count()) == (0, 0)


def _die(**kwargs):
    raise SystemExit


def test_what_cannot_be_deleted_yet_is_tried_again(user, act, sent, monkeypatch):
    make_photo(user)
    act("delete")
    _let_time_pass()
    with monkeypatch.context() as patch:
        patch.setattr("analysis.bulk.worker.is_storage_reachable", lambda: False)
        _sweep(sent)
    assert (BulkJob.objects.get().status, Photo.objects.count()) == ("queued", 0)
    BulkJob.objects.update(queued_at=timezone.now() - dt.timedelta(hours=1))
    _sweep(sent)
    assert Photo._base_manager.count() == 0


def test_a_deletion_is_final_at_once_where_the_site_wants_it(user, act, settings):
    settings.DELETION_UNDO_SECONDS = 0
    make_photo(user)
    act("delete")
    assert (Photo._base_manager.count(), kept_files()) == (0, [])


@pytest.mark.parametrize("kind", ["sessions", "videos"])
def test_a_video_goes_with_its_session(user, act, sent, kind):
    video = make_video(user)
    other = make_session(user, {1: "happy"})
    rows = Video.objects.all() if kind == "videos" else Session.objects.filter(pk=video.session_id)
    job = act("delete", rows, kind)
    assert (Video.objects.count(), Session.objects.get()) == (0, other)
    cancel_job(job=job)
    assert (Video.objects.count(), Session.objects.count()) == (1, 2)
    act("delete", rows.all(), kind)
    _let_time_pass()
    _sweep(sent)
    assert (Video._base_manager.count(), Session._base_manager.count()) == (0, 1)
    assert (Sample.objects.count(), kept_files(), PendingDeletion.objects.count()) == (1, [], 0)
    assert verify_history(owner=user) == []


def test_the_same_file_can_be_uploaded_again_meanwhile(user, act, sent, send, hopper, model):
    send(hopper)
    job = act("delete")
    assert send(hopper).status_code == 201
    _let_time_pass()
    with pytest.raises(BulkError):
        cancel_job(job=job)
    _sweep(sent)
    assert Photo.objects.count() == 1
    assert len(kept_files()) == 2


def test_the_files_of_what_is_hidden_are_no_orphans(user, act):
    make_photo(user)
    files = kept_files()
    act("delete")
    assert sweep_files(older_than=dt.timedelta(seconds=-1)) == 0
    assert kept_files() == files


def test_an_account_that_is_deleted_takes_what_is_hidden_along(user, act):
    make_photo(user)
    act("delete")
    user.delete()
    assert (Photo._base_manager.count(), kept_files(), PendingDeletion.objects.count()) == (0, [], 0)
