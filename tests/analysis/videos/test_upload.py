"""The upload in parts."""

from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import transaction

from analysis.errors import VideoError
from analysis.videos import services as videos
from analysis.videos import upload_parts
from analysis.videos.models import Video
from tests.analysis.factories import kept_files

HEAD = b"\x1aE\xdf\xa3" + bytes(96)


def _refusal(call, **arguments):
    with pytest.raises(VideoError) as raised:
        call(**arguments)
    return raised.value


def _begin(user, size=300, name="clip.webm"):
    return videos.create_video(owner=user, name=name, size=size)


def _append(video, offset, data):
    return videos.append_part(video=video, offset=offset, data=data)


def test_it_begins_with_nothing_received(user):
    video = _begin(user, name="C:\\films\\clip.webm")
    assert (video.status, video.received, video.bytes, video.name) == ("uploading", 0, 300, "clip.webm")


def test_the_default_name_is_video(user):
    assert _begin(user, name="").name == "Video"


def test_too_large_a_one_is_refused_at_once_with_both_sizes(user, settings):
    settings.VIDEO_MAX_BYTES = 2_000_000
    error = _refusal(videos.create_video, owner=user, name="a.mp4", size=2_500_000)
    assert (error.code, error.message) == ("too_large", "This video is 2.5 MB. Videos can be up to 2 MB.")
    assert not Video.objects.exists()


def test_an_empty_one_is_refused(user):
    assert _refusal(videos.create_video, owner=user, name="a.mp4", size=0).code == "empty_file"


def test_too_many_unfinished_ones_are_refused(user, other_user):
    for _ in range(videos.MAX_UNFINISHED):
        _begin(user)
    assert _refusal(videos.create_video, owner=user, name="a.mp4", size=1).code == "too_many_videos"
    assert _begin(other_user)


def test_parts_add_up_and_the_last_one_queues_it(user, sent, django_capture_on_commit_callbacks):
    video = _begin(user)
    video = _append(video, 0, HEAD)
    assert (video.received, video.status) == (100, "uploading")
    video = _append(video, 100, bytes(150))
    with django_capture_on_commit_callbacks(execute=True):
        video = _append(video, 250, bytes(50))
    assert (video.received, video.status, sent) == (300, "queued", [video.pk])


def test_its_task_is_sent_after_the_commit(user, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        _append(_begin(user, size=100), 0, HEAD)
        assert sent == []
    assert len(callbacks) == 1


def test_a_wrong_offset_returns_the_right_one(user):
    video = _append(_begin(user), 0, HEAD)
    for offset in (0, 99, 101):
        error = _refusal(videos.append_part, video=video, offset=offset, data=b"x")
        assert (error.code, error.received) == ("wrong_offset", 100)


def test_a_part_sent_twice_at_once_is_saved_once(user):
    stale = _begin(user)
    _append(Video.objects.get(pk=stale.pk), 0, HEAD)
    error = _refusal(videos.append_part, video=stale, offset=0, data=HEAD)
    assert (error.code, error.received) == ("wrong_offset", 100)
    assert Video.objects.get().received == 100
    assert len(kept_files()) == 1


def test_the_last_part_sent_twice_at_once_keeps_the_file(user, sent, tmp_path):
    stale = _append(_begin(user), 0, HEAD)
    _append(Video.objects.get(pk=stale.pk), 100, bytes(200))
    assert _refusal(videos.append_part, video=stale, offset=100, data=bytes(200)).code == "not_uploading"
    queued = Video.objects.get()
    assert (queued.status, len(kept_files())) == ("queued", 2)
    upload_parts.join(queued.file.name, tmp_path / "whole", 300, after_part=lambda: None)


@pytest.mark.django_db(transaction=True)
def test_a_last_part_concurrent_with_a_cancellation_leaves_nothing(user, sent):
    stale = _append(_begin(user), 0, HEAD)
    videos.cancel_video(video=_append(Video.objects.get(pk=stale.pk), 100, bytes(200)))
    assert _refusal(videos.append_part, video=stale, offset=100, data=bytes(200)).code == "not_uploading"
    assert (Video.objects.get().status, kept_files()) == ("cancelled", [])


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "bad_part"), (HEAD + bytes(300), "too_much"), (b"\xff\xd8\xff\xe0 a JPEG", "not_a_video")],
)
def test_an_invalid_part_is_refused_and_not_saved(user, data, code):
    assert _refusal(videos.append_part, video=_begin(user), offset=0, data=data).code == code
    assert kept_files() == []


def test_too_large_a_part_is_refused(user):
    video = _begin(user, size=videos.MAX_PART_BYTES + 1)
    assert _refusal(videos.append_part, video=video, offset=0, data=bytes(video.bytes)).code == "bad_part"


@pytest.mark.parametrize("box", [b"ftyp", b"moov", b"mdat", b"wide"])
def test_mp4_and_quicktime_are_recognized_by_their_first_box(user, box):
    assert _append(_begin(user, name="notes.txt"), 0, b"\0\0\0\x14" + box + bytes(20)).received == 28


def test_parts_are_readable_by_the_server_only(user):
    _append(_begin(user), 0, HEAD)
    (name,) = kept_files()
    assert name.startswith("videos/")
    assert Path(default_storage.path(name)).stat().st_mode & 0o777 == 0o600


def test_a_full_disk_is_reported_and_the_part_may_be_sent_again(user, monkeypatch):
    def full(*arguments, **named):
        raise OSError(28, "No space left on device")

    video = _begin(user)
    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "_save", full)
        error = _refusal(videos.append_part, video=video, offset=0, data=HEAD)
    assert (error.code, error.retryable) == ("disk_full", True)
    assert "no space left" in error.message
    assert _append(video, 0, HEAD).received == 100


def test_an_interrupted_part_is_replaced(user, monkeypatch):
    video = _begin(user)
    with monkeypatch.context() as patch:
        patch.setattr(transaction, "atomic", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            _append(video, 0, HEAD)
    assert _append(video, 0, HEAD + bytes(20)).received == 120
    assert [default_storage.size(name) for name in kept_files()] == [120]


@pytest.mark.django_db(transaction=True)
def test_cancelling_an_upload_leaves_nothing(user):
    video = _append(_begin(user), 0, HEAD)
    assert videos.cancel_video(video=video)
    assert not Video.objects.exists()
    assert kept_files() == []


@pytest.mark.django_db(transaction=True)
def test_a_part_concurrent_with_a_cancellation_leaves_nothing(user):
    video = _append(_begin(user), 0, HEAD)
    videos.cancel_video(video=video)
    assert _refusal(videos.append_part, video=video, offset=100, data=bytes(50)).code == "not_uploading"
    assert kept_files() == []


def test_nothing_can_be_appended_to_a_complete_one(user, sent):
    video = _append(_begin(user, size=100), 0, HEAD)
    assert _refusal(videos.append_part, video=video, offset=100, data=b"x").code == "not_uploading"
