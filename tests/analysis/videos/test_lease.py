"""The lease of a video, and its loss during the analysis."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from analysis import engine
from analysis.errors import VideoError
from analysis.history.models import HistorySum
from analysis.recognition.errors import RecognitionError
from analysis.sessions.models import Sample, Session
from analysis.videos import services as videos
from analysis.videos import worker as video_analysis
from analysis.videos.models import Video
from analysis.videos.work_dirs import work_root
from ferproject.queue.broker import BrokerAway
from tests.analysis.factories import kept_files

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seeing")]


class Killed(BaseException):
    """Stands for `kill -9`."""


@pytest.fixture(autouse=True)
def impatient(settings):
    settings.RUN_LOST_SECONDS = 3


def _run(video):
    video_analysis.run_next_video()
    video.refresh_from_db()
    return video


def _kill_at(frame):
    def kill(now):
        if now == frame:
            raise Killed

    return kill


def _age(video, **fields):
    old = timezone.now() - dt.timedelta(seconds=4)
    Video.objects.filter(pk=video.pk).update(**dict.fromkeys(fields or ["heartbeat_at"], old))


def _lose(video, seeing, frame=5):
    seeing.frames, seeing.before = 0, _kill_at(frame)
    with pytest.raises(Killed):
        video_analysis.run_next_video()
    _age(video)
    videos.sweep_videos()
    video.refresh_from_db()
    return video


def test_its_progress_is_saved_while_it_runs(upload, webm, seeing):
    video, seen = upload(webm), []
    seeing.before = lambda frame: seen.append(Video.objects.get().progress)
    _run(video)
    assert seen == sorted(seen)
    assert seen[10] == pytest.approx(0.45, abs=0.06)


def test_two_workers_analyse_it_once(upload, webm, seeing):
    video = upload(webm)
    seeing.before = lambda frame: video_analysis.run_next_video()
    assert _run(video).status == "finished"
    assert (seeing.frames, Session.objects.count(), video.attempts) == (20, 1, 1)


def test_one_video_of_a_user_is_analysed_at_a_time(upload, webm, seeing, sent, other_user):
    first, second = upload(webm), upload(webm)
    others = upload(webm, owner=other_user)
    sent.clear()

    def try_the_others(frame):
        if frame == 3:
            video_analysis.run_next_video()
            video_analysis.run_next_video()

    seeing.before = try_the_others
    assert _run(first).status == "finished"
    others.refresh_from_db()
    second.refresh_from_db()
    assert (others.status, second.status) == ("finished", "queued")
    assert sent == [second.pk]


def test_the_next_video_is_of_who_was_served_longest_ago(user, other_user, upload, webm, seeing):
    """Though the other's came last, and whichever video's task a worker gets."""
    _run(upload(webm))
    mine = [upload(webm), upload(webm)]
    others = upload(webm, owner=other_user)
    order = []
    seeing.before = lambda frame: order.append(Video.objects.get(status="running").pk)
    for _ in range(3):
        video_analysis.run_next_video()
    assert list(dict.fromkeys(order)) == [others.pk, *(video.pk for video in mine)]
    assert not Video.objects.unfinished()


def test_a_full_disk_is_reported_and_it_can_be_retried(upload, webm, monkeypatch):
    monkeypatch.setattr(video_analysis, "SPARE_BYTES", 1 << 60)
    video = _run(upload(webm))
    assert (video.status, video.can_be_retried, Session.objects.count()) == ("failed", True, 0)
    assert "no space left" in video.message


def test_cancelling_stops_it_and_leaves_neither_rows_nor_files(upload, webm, seeing):
    video = upload(webm)
    seeing.before = lambda frame: frame == 3 and videos.cancel_video(video=video)
    assert _run(video).status == "cancelled"
    assert seeing.frames == 3
    assert (Session.objects.count(), Sample.objects.count(), HistorySum.objects.count()) == (0, 0, 0)
    assert kept_files() == []
    assert not list(work_root().iterdir())


def test_a_cancelled_queued_video_is_not_analysed(upload, webm, seeing):
    video = upload(webm)
    assert videos.cancel_video(video=video)
    assert (_run(video).status, seeing.frames, kept_files()) == ("cancelled", 0, [])


def test_an_ended_video_cannot_be_cancelled(upload, webm):
    video = _run(upload(webm))
    assert not videos.cancel_video(video=video)
    video.refresh_from_db()
    assert video.status == "finished"


def test_one_deleted_during_the_analysis_leaves_nothing(upload, webm, seeing):
    video = upload(webm)
    seeing.before = lambda frame: frame == 3 and videos.delete_video(video=video)
    video_analysis.run_next_video()
    assert (Video.objects.count(), Session.objects.count(), kept_files()) == (0, 0, [])
    assert not list(work_root().iterdir())


def test_one_deleted_before_the_last_write_leaves_no_session(upload, webm, seeing, monkeypatch):
    video, finish = upload(webm), video_analysis._save

    def delete_first(*results):
        videos.delete_video(video=video)
        finish(*results)

    monkeypatch.setattr(video_analysis, "_save", delete_first)
    video_analysis.run_next_video()
    assert (Video.objects.count(), Session.objects.count(), kept_files()) == (0, 0, [])


def test_one_whose_worker_died_is_analysed_again_into_one_session(upload, webm, seeing, sent):
    video = _lose(upload(webm), seeing)
    assert (video.status, sent) == ("queued", [video.pk, video.pk])
    assert (Session.objects.count(), Sample.objects.count()) == (0, 0)
    seeing.frames, seeing.before = 0, lambda frame: None
    assert _run(video).status == "finished"
    assert (seeing.frames, video.attempts, Session.objects.count()) == (20, 2, 1)
    assert [(s.second, s.frames) for s in Sample.objects.all()] == [(0, 10), (1, 10)]
    assert sum(HistorySum.objects.values_list("n", flat=True)) == 2
    assert kept_files() == [video.annotated.name]


def test_a_worker_that_lost_its_lease_writes_nothing(upload, webm, seeing):
    video = upload(webm)
    seeing.before = lambda frame: frame == 3 and Video.objects.update(token=uuid.uuid4())
    assert _run(video).status == "running"
    assert (Session.objects.count(), seeing.frames) == (0, 3)
    assert video.annotated.name == ""


def test_after_three_dead_workers_it_fails(upload, webm, seeing, sent):
    video = upload(webm)
    for _ in range(videos.MAX_ATTEMPTS):
        video = _lose(video, seeing)
    assert (video.status, video.can_be_retried, len(sent)) == ("failed", True, 3)
    assert video.message == "The server was interrupted repeatedly while it analysed this video. You can try again."


def test_after_a_server_fault_it_can_be_retried(upload, webm, seeing, sent):
    def refuse(frame):
        raise RecognitionError("model_corrupt", "model.tflite is not as pinned.")

    seeing.before = refuse
    video = _run(upload(webm))
    assert (video.status, video.message) == ("failed", "model.tflite is not as pinned.")
    videos.retry_video(video=video)
    assert len(sent) == 2
    seeing.before = lambda frame: None
    assert _run(video).status == "finished"


def test_a_damaged_video_cannot_be_retried(upload, webm):
    video = _run(upload(webm[:40]))
    with pytest.raises(VideoError) as raised:
        videos.retry_video(video=video)
    assert raised.value.code == "cannot_retry"


def test_an_unexpected_error_ends_it_and_is_logged(upload, webm, seeing):
    def fail(frame):
        raise RuntimeError("unforeseen")

    seeing.before = fail
    video = upload(webm)
    with pytest.raises(RuntimeError):
        video_analysis.run_next_video()
    video.refresh_from_db()
    assert (video.status, video.can_be_retried, "unforeseen" in video.message) == ("failed", True, False)


def test_a_busy_engine_is_waited_for(upload, webm, seeing, monkeypatch):
    def busy_once(frame):
        if frame == 1:
            raise RecognitionError("busy", "Try again.", retryable=True)

    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    seeing.before = busy_once
    assert _run(upload(webm)).status == "finished"


def test_without_a_broker_the_sweeper_sends_it(upload, webm, sent, monkeypatch):
    def away(task, video_id):
        raise BrokerAway("The broker takes no messages.")

    with monkeypatch.context() as patch:
        patch.setattr("ferproject.queue.leases.send", away)
        video = upload(webm)
    assert video.status == "queued"
    _age(video, queued_at=None)
    videos.sweep_videos()
    assert sent == [video.pk]


def test_the_sweeper_skips_one_that_is_being_analysed(upload, webm, sent):
    video = upload(webm)
    Video.objects.update(status="running", token=uuid.uuid4(), heartbeat_at=timezone.now())
    videos.sweep_videos()
    video.refresh_from_db()
    assert (video.status, len(sent)) == ("running", 1)
