"""What is deleted of a video, and when."""

import datetime as dt
import os
import uuid
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from analysis.history.models import HistorySum
from analysis.management.commands.sweep_files import sweep_files
from analysis.recognition.errors import RecognitionError
from analysis.sessions.models import Sample, Session
from analysis.videos import lease as video_lease
from analysis.videos import services as videos
from analysis.videos import upload_parts
from analysis.videos import worker as video_analysis
from analysis.videos.models import Video
from analysis.videos.work_dirs import work_dir_path, work_root
from tests.analysis.factories import kept_files

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seeing")]


def _run(video):
    video_analysis.run_next_video()
    video.refresh_from_db()
    return video


def _left_for_a_day(video, field):
    Video.objects.filter(pk=video.pk).update(**{field: timezone.now() - dt.timedelta(days=1, minutes=1)})
    videos.sweep_videos()


def test_an_upload_interrupted_for_a_day_is_deleted(user, webm):
    video = videos.create_video(owner=user, name="a.webm", size=len(webm))
    videos.append_part(video=video, offset=0, data=webm[:1000])
    videos.sweep_videos()
    assert Video.objects.exists()
    _left_for_a_day(video, "heartbeat_at")
    assert not Video.objects.exists()
    assert kept_files() == []


def test_the_file_of_one_that_failed_is_kept_for_a_day(upload, webm, seeing):
    seeing.before = lambda frame: (_ for _ in ()).throw(RecognitionError("model_missing", "There is no model."))
    video = _run(upload(webm))
    assert kept_files()
    _left_for_a_day(video, "ended_at")
    video.refresh_from_db()
    assert (video.status, video.message, video.can_be_retried) == ("failed", "There is no model.", False)
    assert kept_files() == []


def test_a_killed_workers_folder_is_removed_but_not_a_running_ones(upload, webm, seeing, settings):
    settings.RUN_LOST_SECONDS = 0
    mine, dead = uuid.uuid4(), uuid.uuid4()
    Video.objects.filter(pk=upload(webm).pk).update(status="running", token=mine)
    for token in (mine, dead):
        work_dir_path(uuid.uuid4(), token).mkdir(parents=True)
    videos.sweep_work_dirs()
    assert [folder.name.rpartition(".")[2] for folder in work_root().iterdir()] == [str(mine)]


def test_deleting_a_video_deletes_its_session_sums_and_files(upload, webm):
    video = _run(upload(webm))
    assert HistorySum.objects.filter(n__gt=0).exists()
    videos.delete_video(video=video)
    assert (Video.objects.count(), Session.objects.count(), Sample.objects.count()) == (0, 0, 0)
    assert not HistorySum.objects.filter(n__gt=0).exists()
    assert kept_files() == []


def test_deleting_a_video_deletes_a_killed_workers_folder(upload, webm, sent):
    gone, other = upload(webm), upload(webm)
    for video in (gone, other):
        folder = work_dir_path(video.pk, video_lease.claim_next_video().token)
        folder.mkdir(parents=True)
        (folder / "original").write_bytes(webm)
        # Its claim is given up, as the sweeper does, so that the row does not name the folder any more.
        Video.objects.filter(pk=video.pk).update(status="queued", token=None)
    kept = folder
    videos.delete_video(video=gone)
    assert list(work_root().iterdir()) == [kept]


def test_deleting_its_owner_deletes_the_files(upload, webm, user):
    _run(upload(webm))
    user.delete()
    assert kept_files() == []


def test_sweeping_files_keeps_those_of_videos(upload, webm, settings):
    done = _run(upload(webm))
    waiting = upload(webm, name="second.webm", part=20_000)
    owned = kept_files()
    upload_parts.save_part(upload_parts.new_name(), 0, b"nobody's")
    default_storage.save(f"{upload_parts.new_name()}.webm", ContentFile(b"nobody's"))
    for path in Path(settings.MEDIA_ROOT).rglob("*.*"):
        os.utime(path, (0, 0))
    assert sweep_files() == 2
    assert kept_files() == owned
    assert done.annotated.name in owned
    assert any(name.startswith(waiting.file.name) for name in owned)
