"""The results of analysing a video with the shipped model."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.core.files.storage import default_storage

from analysis.history.models import HistorySum
from analysis.recognition.video.reader import VideoReader
from analysis.recognition.video.sound import Sound
from analysis.sessions.models import Sample, Session
from analysis.videos import worker as video_analysis
from analysis.videos.work_dirs import work_root
from tests.analysis.factories import kept_files
from tests.support.site import PROJECT
from tests.support.videos import sound_of, write_frames, write_sound, write_video


def _run(video):
    video_analysis.run_next_video()
    video.refresh_from_db()
    return video


@pytest.fixture
def write(tmp_path, hopper_path):
    def write(name="clip.webm", **options):
        return write_video(tmp_path / name, hopper_path, **options)

    return write


def _read(path):
    """Return a video's frames as (seconds, RGB)."""
    with VideoReader(Path(path)) as reader:
        return [(frame.at, frame.image) for frame in reader]


def _annotated(video):
    return _read(default_storage.path(video.annotated.name))


def test_a_video_becomes_a_session_of_its_seconds(model, upload, webm):
    video = _run(upload(webm))
    assert (video.status, video.message, video.progress) == ("finished", "", 1.0)
    assert (video.width, video.height, video.seconds) == (320, 240, 2.0)
    session = Session.objects.get()
    assert video.session == session
    assert (session.source, session.name, session.frames) == ("video", "clip.webm", 20)
    assert session.started_at == video.created_at
    assert session.duration.total_seconds() == 2.0
    assert [(s.second, s.face, s.frames) for s in Sample.objects.all()] == [(0, 1, 10), (1, 1, 10)]


def test_the_samples_count_in_the_history_as_a_videos(model, upload, webm):
    video = _run(upload(webm))
    assert sum(s.n for s in HistorySum.objects.filter(owner=video.owner, source="video")) == 2


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mov"])
def test_mp4_and_mov_are_read_too(model, upload, write, name):
    assert _run(upload(write(name, seconds=0.5), name)).status == "finished"
    assert Sample.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_the_files_the_annotated_one_alone_is_kept(model, upload, webm):
    video = _run(upload(webm))
    assert kept_files() == [video.annotated.name]
    assert not list(work_root().iterdir())


def test_the_annotated_video_has_the_videos_pace_and_a_circle_in_every_frame(model, upload, write, tmp_path):
    video = _run(upload(write(seconds=1.0, fps=25.0)))
    plain, drawn = _read(tmp_path / "clip.webm"), _annotated(video)
    assert [round(at, 2) for at, _ in drawn] == [round(number / 25, 2) for number in range(25)]
    changed = [np.abs(a[1].astype(int) - b[1]).max(axis=2) > 60 for a, b in zip(plain, drawn, strict=True)]
    assert min(pixels.sum() for pixels in changed) > 200


def test_some_frames_a_second_are_recognized_and_every_frame_is_drawn(model, upload, write, settings):
    settings.VIDEO_FRAMES_PER_SECOND = 5
    video = _run(upload(write(seconds=1.0, fps=25.0)))
    assert video.session.frames == 5
    assert len(_annotated(video)) == 25


def test_the_annotated_video_is_an_mp4_with_the_originals_sound(model, upload, write):
    video = _run(upload(write("a.mp4", seconds=0.5, sound="aac", sound_seconds=0.5)))
    assert (video.status, video.message, video.annotated_suffix) == ("finished", "", ".mp4")
    assert sound_of(default_storage.path(video.annotated.name))[0] == "aac"


def test_sound_that_is_lost_is_said_and_the_pictures_are_kept(model, upload, write, monkeypatch):
    monkeypatch.setattr(video_analysis, "add_sound", lambda *paths, on_wait: Sound.LOST)
    video = _run(upload(write(seconds=0.5)))
    assert video.message == "The sound of this video could not be read, so the marked copy has none."
    assert len(_annotated(video)) == 5


def test_half_a_frame_a_second_is_a_whole_video(model, upload, write):
    video = _run(upload(write("slow.mp4", seconds=8.0, fps=0.5)))
    assert (video.status, video.message, video.seconds) == ("finished", "", pytest.approx(8.0))
    assert [s.second for s in Sample.objects.all()] == [0, 2, 4, 6]


def test_large_frames_are_shrunk(model, upload, write):
    video = _run(upload(write(size=(1920, 1080), seconds=0.2)))
    assert (video.width, video.height) == (1920, 1080)
    assert _annotated(video)[0][1].shape == (720, 1280, 3)


def test_a_rotated_video_is_analysed_upright(model, upload, tmp_path, hopper_path):
    upright = cv2.cvtColor(cv2.resize(cv2.imread(str(hopper_path)), (256, 300)), cv2.COLOR_BGR2RGB)
    lying = cv2.rotate(upright, cv2.ROTATE_90_COUNTERCLOCKWISE)
    frames = [(number / 10, lying) for number in range(5)]
    video = _run(upload(write_frames(tmp_path / "t.mp4", frames, size=(300, 256), rotation=-90)))
    assert (video.width, video.height) == (256, 300)
    assert Sample.objects.count() == 1


def test_a_video_without_a_face_says_so_and_leaves_no_session(model, upload, tmp_path):
    video = _run(upload(write_video(tmp_path / "empty.webm", None)))
    assert (video.status, video.message) == ("finished", "No face was found in this video.")
    assert (video.session, video.annotated.name, Session.objects.count()) == (None, "", 0)


def test_a_video_cut_off_says_how_much_of_it_was_read(model, upload, write):
    data = write(seconds=3.0)
    video = _run(upload(data[: len(data) * 3 // 4]))
    assert video.status == "finished"
    assert video.message == "Only a part of this video could be read. The file seems to be incomplete."


REFUSED = {
    "random": (lambda webm: webm[:100] + bytes(1000), "cannot be opened"),
    "header alone": (lambda webm: webm[:40], "cannot be opened"),
    "text": (lambda webm: webm[:4] + b"not at all" * 100, "cannot be opened"),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", REFUSED)
def test_a_damaged_video_is_reported_and_its_file_deleted(model, upload, webm, kind):
    spoil, words = REFUSED[kind]
    video = _run(upload(spoil(webm)))
    assert video.status == "failed"
    assert words in video.message
    assert (video.can_be_retried, Session.objects.count(), kept_files()) == (False, 0, [])


def test_an_audio_only_file_is_reported(upload, tmp_path):
    assert _run(upload(write_sound(tmp_path / "sound.mp4"))).message == "This file has sound but no picture."


def test_a_video_without_a_frame_is_reported(upload, write):
    video = _run(upload(write("none.mp4", seconds=0.0)))
    assert (video.status, video.message[:8]) == ("failed", "No frame")


def test_one_frame_is_a_video(model, upload, write):
    assert _run(upload(write(seconds=0.1))).status == "finished"
    assert Sample.objects.get().frames == 1


def test_too_long_a_video_is_refused(upload, webm, settings):
    settings.VIDEO_MAX_SECONDS = 1
    video = _run(upload(webm))
    assert (video.status, video.message) == ("failed", "This video is too long. Shorten it and upload it again.")


def test_too_large_frames_are_refused(upload, write):
    video = _run(upload(write("wide.mp4", size=(4200, 64), seconds=0.1)))
    assert (video.status, video.message) == (
        "failed",
        "This video is too large. The longer side of its picture can have up to 4096 pixels. "
        "Make it smaller and try again.",
    )


def test_missing_parts_are_reported(upload, webm):
    video = upload(webm)
    default_storage.delete(kept_files()[0])
    assert _run(video).message == "Parts of this upload are missing on the server. Upload the video again."


def test_the_web_process_never_decodes_a_video():
    program = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "ferproject.settings"
import django; django.setup()
import ferproject.urls
assert "analysis.videos.views" in sys.modules
assert "analysis.videos.worker" not in sys.modules, "the worker's side was imported"
"""
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True)
