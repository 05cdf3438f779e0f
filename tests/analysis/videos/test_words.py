"""The progress of a video in words."""

import datetime as dt

import pytest
from django.utils import timezone, translation

from analysis.videos.models import Video
from analysis.videos.views import progress_words, video_json


def _running(progress, ago=100, **fields):
    started = timezone.now() - dt.timedelta(seconds=ago)
    return Video(status="running", progress=progress, started_at=started, bytes=1, **fields)


@pytest.mark.parametrize(
    ("progress", "ago", "words"),
    [
        (0.5, 100, "50% · about 2 minutes left"),
        (0.5, 60, "50% · about 1 minute left"),
        (0.9, 100, "90% · about 10 seconds left"),
        (0.999, 100, "100% · about 5 seconds left"),
        (0.01, 100, "1%"),
    ],
)
def test_a_running_one_shows_the_estimated_remaining_time(progress, ago, words):
    assert progress_words(_running(progress, ago)) == words


def test_an_unknown_length_is_shown():
    assert progress_words(_running(0.0, width=640)) == "The file does not state how long the video is"
    assert progress_words(_running(0.0)) == "Just started"


def test_an_upload_shows_the_received_share():
    assert progress_words(Video(bytes=40_200_000, received=13_000_000)) == "32% of 40.2 MB uploaded"


def test_the_json_has_the_remaining_seconds():
    assert video_json(_running(0.5))["remaining_seconds"] == pytest.approx(100, abs=2)
    assert video_json(_running(0.0))["remaining_seconds"] is None


def test_a_saved_message_is_shown_in_the_readers_language():
    video = Video(status="failed", message="Yes\nNo", bytes=1)  # texts that Django itself has translated
    with translation.override("de"):
        assert video_json(video)["message"] == "Ja Nein"
    assert video_json(video)["message"] == "Yes No"
