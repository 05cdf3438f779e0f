"""A video's frames from a decoder that may crash or hang."""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
import pytest

from analysis.recognition import child_process
from analysis.recognition.errors import RecognitionError
from analysis.recognition.video.frames import VideoFrames
from analysis.recognition.video.reader import VideoInfo
from tests.support.videos import write_sound, write_video


def test_frames_come_upright_as_rgb_with_their_times(tmp_path, hopper_path):
    write_video(tmp_path / "a.mp4", hopper_path, seconds=1.0, fps=20.0)
    with VideoFrames(tmp_path / "a.mp4") as frames:
        assert frames.info == VideoInfo(320, 240, 320, 240, 0.0, 1.0)
        read = list(frames)
    assert [frame.at for frame in read] == pytest.approx([number / 20 for number in range(20)])
    assert [frame.seconds for frame in read] == pytest.approx([1 / 20] * 20)
    image = read[0].image
    assert (image.shape, image.dtype) == ((240, 320, 3), np.uint8)
    assert np.abs(image[5, 300].astype(int) - (120, 110, 90)).max() < 12


def test_a_refusal_of_the_reader_is_passed_on(tmp_path):
    write_sound(tmp_path / "a.mp4")
    with pytest.raises(RecognitionError, match="sound but no picture") as raised:
        VideoFrames(tmp_path / "a.mp4")
    assert raised.value.code == "only_sound"


@pytest.fixture
def decoder(tmp_path, monkeypatch):
    """Replace the decoder by a shell script."""

    def decoder(script):
        path = tmp_path / "decoder"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(path))

    return decoder


HEADER = '{"width": 2, "height": 2, "frame_width": 2, "frame_height": 2, "start": 0.0, "seconds": null}'


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


def test_the_decoder_limits_its_memory_and_time(monkeypatch):
    limits = {}
    monkeypatch.setattr(resource, "setrlimit", lambda kind, limit: limits.update({kind: limit}))
    monkeypatch.setattr("os.nice", lambda by: None)
    child_process.limit_this_process()
    assert limits[resource.RLIMIT_AS] == (4 << 30, 4 << 30)
    assert resource.RLIMIT_CPU in limits
