"""Withdrawing the consent cancels unfinished videos and refuses new ones."""

import pytest

from analysis import engine
from analysis.consents import services as consents
from analysis.consents.models import Consent
from analysis.errors import VideoError
from analysis.sessions.models import Session
from analysis.videos import lease as video_lease
from analysis.videos import services as videos
from analysis.videos import worker as video_analysis
from analysis.videos.models import Video
from tests.analysis.factories import kept_files, make_face, make_recognition

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = b"\x1aE\xdf\xa3" + bytes(96)


@pytest.fixture(autouse=True)
def seeing(monkeypatch):
    """Stands for the engine: a sad face in every frame; calls of `before` come first."""
    calls = {"frames": 0, "before": lambda frame: None}

    def run(work, **kwargs):
        calls["frames"] += 1
        calls["before"](calls["frames"])
        return make_recognition([make_face("sad")], model="test-2")

    monkeypatch.setattr(engine, "run", run)
    monkeypatch.setattr(video_lease, "HEARTBEAT_SECONDS", 0.0)
    return calls


def withdraw(user):
    consents.withdraw_consent(user=user, purpose="photos")


def run(video):
    video_analysis.run_next_video()
    video.refresh_from_db()
    return video


def expect_refusal(call, **arguments):
    with pytest.raises(VideoError, match="You have not agreed") as refused:
        call(**arguments)
    assert refused.value.code == "consent_needed"


def test_unfinished_videos_are_cancelled_and_leave_no_file(user, upload):
    waiting = upload(HEAD)
    begun = videos.create_video(owner=user, name="a.webm", size=300)
    videos.append_part(video=begun, offset=0, data=HEAD)
    withdraw(user)
    assert list(Video.objects.values_list("pk", "status")) == [(waiting.pk, "cancelled")]
    assert kept_files() == []


def test_other_users_videos_continue(user, other_user, upload):
    others = upload(HEAD, owner=other_user)
    withdraw(user)
    others.refresh_from_db()
    assert others.status == "queued"


def test_a_running_analysis_stops_and_saves_nothing(user, upload, webm, seeing):
    video = upload(webm)
    seeing["before"] = lambda frame: withdraw(user) if frame == 5 else None
    assert run(video).status == "cancelled"
    assert seeing["frames"] == 5
    assert not Session.objects.exists()
    assert kept_files() == []


def test_no_part_is_accepted(user):
    video = videos.create_video(owner=user, name="a.webm", size=300)
    # As when it was taken back between the question and the video's row.
    Consent.objects.all().delete()
    expect_refusal(videos.append_part, video=video, offset=0, data=HEAD)
    assert kept_files() == []


def test_none_is_analysed(upload, webm, seeing):
    video = upload(webm)
    Consent.objects.all().delete()
    assert run(video).status == "failed"
    assert video.message.startswith("You have not agreed")
    assert (seeing["frames"], kept_files()) == (0, [])


def test_none_is_retried(user, upload):
    video = upload(HEAD)
    Video.objects.filter(pk=video.pk).update(status="failed")
    withdraw(user)
    expect_refusal(videos.retry_video, video=video)
