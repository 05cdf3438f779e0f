"""Videos whose files are in an S3 bucket: the worker, which needs real files, copies them to its folder."""

import datetime as dt

import pytest
from django.utils import timezone

from analysis.videos import services as videos
from analysis.videos import worker
from analysis.videos.models import Video
from analysis.videos.work_dirs import work_root
from ferproject.file_storage import site_bucket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def names(bucket, s3_server):
    """Return the names of the objects in the site's bucket."""
    return lambda: s3_server.names(bucket.bucket_name)


def test_of_the_files_the_annotated_one_alone_is_kept(seeing, sent, names, upload, webm):
    video = upload(webm)
    assert f"{video.file.name}.{0:013d}.part" in names()
    worker.run_next_video()
    video.refresh_from_db()
    assert video.status == "finished"
    assert names() == [video.annotated.name]
    with site_bucket().open(video.annotated.name) as file:
        assert len(file.read()) == video.annotated_bytes
    assert not list(work_root().iterdir())


def test_a_cancelled_upload_leaves_no_part(sent, names, upload, webm):
    videos.cancel_video(video=upload(webm))
    assert names() == []


def test_a_part_that_is_sent_again_replaces_the_first(names, sent, user):
    video = videos.create_video(owner=user, name="a.webm", size=20)
    data = b"\x1aE\xdf\xa3 first"
    videos.append_part(video=video, offset=0, data=data)
    Video.objects.filter(pk=video.pk).update(received=0)
    video.refresh_from_db()
    videos.append_part(video=video, offset=0, data=data.replace(b"first", b"again"))
    (name,) = names()
    with site_bucket().open(name) as file:
        assert file.read() == b"\x1aE\xdf\xa3 again"


def test_while_the_bucket_is_away_a_video_waits(seeing, sent, s3_server, names, upload, webm):
    video = upload(webm)
    s3_server.stop()
    try:
        worker.run_next_video()
    finally:
        s3_server.start()
    Video.objects.filter(pk=video.pk).update(heartbeat_at=timezone.now() - dt.timedelta(hours=1))
    videos.sweep_videos()
    worker.run_next_video()
    video.refresh_from_db()
    assert (video.status, video.attempts) == ("finished", 2)
