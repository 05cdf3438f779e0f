"""A video's frames from a decoder that may crash or hang."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from analysis.recognition.errors import RecognitionError
from analysis.recognition.video.decoder import VideoInfo, _DecodeError, _frames, _info, _seconds, read_fps
from analysis.recognition.video.frames import VideoFrames
from analysis.recognition.video.writer import VideoWriter
from tests.support.videos import write_video


class Capture:
    """An OpenCV capture with given frame times."""

    def __init__(self, times=(), **told):
        self._times = iter(times)
        self._told = {"fps": 25.0, "count": 0.0, **told}

    def grab(self):
        self._now = next(self._times, None)
        return self._now is not None

    def retrieve(self):
        return True, np.zeros((4, 4, 3), np.uint8)

    def get(self, what):
        if what == cv2.CAP_PROP_POS_MSEC:
            return self._now
        return self._told["fps" if what == cv2.CAP_PROP_FPS else "count"]


def _times(*milliseconds, fps=25.0):
    return [round(at, 3) for at, _ in _frames(Capture(milliseconds), fps)]


def test_frames_come_upright_as_rgb_with_their_times(tmp_path, hopper_path):
    write_video(tmp_path / "a.mp4", hopper_path, seconds=1.0, fps=20.0)
    with VideoFrames(tmp_path / "a.mp4") as frames:
        assert frames.info == VideoInfo(320, 240, 320, 240, 20.0, 1.0)
        read = list(frames)
    assert [round(frame.at, 3) for frame in read] == [round(number / 20, 3) for number in range(20)]
    image = read[0].image
    assert (image.shape, image.dtype) == ((240, 320, 3), np.uint8)
    # The background of BGR (90, 110, 120).
    assert np.abs(image[5, 300].astype(int) - (120, 110, 90)).max() < 12


def test_times_begin_at_0_and_increase():
    assert _times(500, 540, 580) == [0.0, 0.04, 0.08]
    assert _times(0, 40, 20, 120) == [0.0, 0.04, 0.08, 0.12]
    assert _times(0, 0, 0) == [0.0, 0.04, 0.08]
    assert _times(0, float("nan"), 80) == [0.0, 0.04, 0.08]


def test_a_variable_frame_rate_keeps_its_times():
    assert _times(0, 40, 1000, 1040, 5000) == [0.0, 0.04, 1.0, 1.04, 5.0]


def test_frames_above_the_frame_rate_are_skipped():
    assert len(_times(*(number * 1000 / 240 for number in range(240)), fps=60.0)) == pytest.approx(60, abs=1)


@pytest.mark.parametrize(
    ("told", "taken"), [(25.0, 25.0), (120.0, 60.0), (1000.0, 30.0), (0.0, 30.0), (float("nan"), 30.0), (-5.0, 30.0)]
)
def test_an_implausible_frame_rate_is_ignored(told, taken):
    assert read_fps(Capture(fps=told)) == taken


@pytest.mark.parametrize(
    ("count", "fps", "seconds"),
    [(50, 25, 2.0), (0, 25, None), (-9e18, 25, None), (50, 0, None), (50, float("nan"), None)],
)
def test_an_unstated_length_is_none(count, fps, seconds):
    assert _seconds(Capture(count=count, fps=fps)) == seconds


def test_frames_are_shrunk_to_even_sizes():
    info = _info(np.zeros((2161, 3841, 3), np.uint8), 30.0, None)
    assert (info.width, info.height, info.frame_width, info.frame_height) == (3841, 2161, 1280, 720)
    tall = _info(np.zeros((901, 301, 3), np.uint8), 30.0, None)
    assert (tall.frame_width % 2, tall.frame_height % 2) == (0, 0)
    with pytest.raises(_DecodeError):
        _info(np.zeros((1, 4097, 3), np.uint8), 30.0, None)


@pytest.fixture
def decoder(tmp_path, monkeypatch):
    """Replace the decoder by a shell script."""

    def decoder(script):
        path = tmp_path / "decoder"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(path))

    return decoder


HEADER = '{"width": 2, "height": 2, "frame_width": 2, "frame_height": 2, "fps": 30.0, "seconds": null}'


def _read_all(path, **options):
    with VideoFrames(path, **options) as frames:
        return list(frames)


@pytest.mark.parametrize("script", ["kill -SEGV $$", f"echo '{HEADER}'; kill -SEGV $$", f"echo '{HEADER}'; echo half"])
def test_a_crash_of_the_decoder_is_reported(decoder, tmp_path, script):
    decoder(script)
    with pytest.raises(RecognitionError) as raised:
        _read_all(tmp_path / "a.mp4")
    assert raised.value.code == "decoder_crashed"


@pytest.mark.parametrize("script", ["exec sleep 60", f"echo '{HEADER}'; exec sleep 60"])
def test_a_stuck_decoder_is_killed(decoder, tmp_path, script):
    decoder(script)
    began = time.monotonic()
    with pytest.raises(RecognitionError) as raised:
        _read_all(tmp_path / "a.mp4", timeout=0.3)
    assert raised.value.code == "decoder_stuck"
    assert time.monotonic() - began < 5


def test_on_wait_may_stop_the_reading(decoder, tmp_path):
    class Cancelled(Exception):
        pass

    def give_up():
        raise Cancelled

    decoder("exec sleep 60")
    with pytest.raises(Cancelled):
        _read_all(tmp_path / "a.mp4", on_wait=give_up)


def test_the_decoder_ends_when_its_pipe_is_closed(tmp_path, hopper_path):
    write_video(tmp_path / "a.mp4", hopper_path, seconds=2.0, fps=25.0)
    frames = VideoFrames(tmp_path / "a.mp4")
    frames._decoder.stdout.close()
    assert frames._decoder.wait(10) == 0


def test_a_list_of_other_files_is_not_followed(tmp_path):
    """FFmpeg would, by what the file says whatever its name is."""
    write_video(tmp_path / "secret.mp4", None, seconds=0.2)
    (tmp_path / "list.mp4").write_text("ffconcat version 1.0\nfile secret.mp4\n")
    assert cv2.VideoCapture(str(tmp_path / "list.mp4"), cv2.CAP_FFMPEG).isOpened()
    with pytest.raises(RecognitionError) as raised:
        _read_all(tmp_path / "list.mp4")
    assert raised.value.code == "damaged_video"


def test_written_frames_are_shown_at_their_times(tmp_path: Path):
    info = VideoInfo(64, 64, 64, 64, 10.0, None)
    with VideoWriter(tmp_path / "a.webm", info) as writer:
        for at, shade in ((0.0, 0), (0.1, 60), (0.5, 120), (0.9, 250)):
            writer.write(np.full((64, 64, 3), shade, np.uint8), at)
    shades = [int(frame.image.mean()) for frame in _read_all(tmp_path / "a.webm")]
    assert [round(shade / 10) for shade in shades] == [0, 6, 6, 6, 6, 12, 12, 12, 12, 25]
