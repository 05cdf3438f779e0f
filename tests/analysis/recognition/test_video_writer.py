"""Annotated videos: H.264 in MP4 or VP8 in WebM, every frame at its time, with the original's sound."""

from __future__ import annotations

import sys
from pathlib import Path

import av
import numpy as np
import pytest

from analysis.recognition.video import sound as video_sound
from analysis.recognition.video import writer as video_writer
from analysis.recognition.video.reader import VideoReader
from analysis.recognition.video.sound import Sound, add_sound, write_with_sound
from analysis.recognition.video.writer import VideoWriter, playable_suffix
from tests.support.videos import sound_of, write_frames, write_sound

SUFFIXES = [".mp4", ".webm"]
COLOURS = [(250, 10, 10), (10, 200, 10), (10, 10, 250), (200, 180, 160)]


def _plain(colour: tuple[int, int, int] | int) -> np.ndarray:
    return np.full((48, 64, 3), colour, np.uint8)


def _write(path: Path, times: list[float], seconds: float = 0.1) -> Path:
    with VideoWriter(path, 64, 48) as writer:
        for number, at in enumerate(times):
            writer.write(_plain(8 * number), at, seconds)
    return path


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_frames_are_shown_at_their_times(tmp_path: Path, suffix: str):
    times = [0.0, 0.1, 0.5, 0.9, 4.0]
    with VideoReader(_write(tmp_path / f"a{suffix}", times, seconds=2.0)) as reader:
        frames = list(reader)
    assert [frame.at for frame in frames] == pytest.approx(times, abs=0.001)
    assert [int(frame.image.mean()) for frame in frames] == pytest.approx([0, 8, 16, 24, 32], abs=3)


def test_the_last_frame_is_shown_for_its_seconds(tmp_path: Path):
    with VideoReader(_write(tmp_path / "a.mp4", [0.0, 2.0, 4.0], seconds=2.0)) as reader:
        assert reader.info.seconds == pytest.approx(6.0)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("colour", COLOURS)
def test_colours_are_kept(tmp_path: Path, suffix: str, colour: tuple[int, int, int]):
    with VideoWriter(tmp_path / f"a{suffix}", 64, 48) as writer:
        writer.write(_plain(colour), 0.0, 0.1)
    with VideoReader(tmp_path / f"a{suffix}") as reader:
        (frame,) = reader
    assert np.abs(frame.image[20, 20].astype(int) - colour).max() < 8


def test_times_that_do_not_increase_are_moved_on(tmp_path: Path):
    with VideoReader(_write(tmp_path / "a.mp4", [0.0, 0.1, 0.1, 0.3])) as reader:
        assert reader.info.seconds == pytest.approx(0.4)


def test_an_mp4_is_what_browsers_play_before_they_have_all_of_it(tmp_path: Path):
    data = _write(tmp_path / "a.mp4", [0.0, 0.1]).read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(tmp_path / "a.mp4") as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.codec.name, stream.pix_fmt, stream.profile) == ("h264", "yuv420p", "High")


def test_without_an_h264_encoder_videos_are_webm(monkeypatch: pytest.MonkeyPatch):
    assert playable_suffix() == ".mp4"
    monkeypatch.setattr(video_writer, "_H264", ("no_such_encoder", {}))
    assert playable_suffix() == ".webm"


def test_a_full_disk_is_an_os_error(monkeypatch: pytest.MonkeyPatch):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    opened = av.open
    monkeypatch.setattr(av, "open", lambda path, mode, options: opened("/dev/full", mode, format="matroska"))
    with pytest.raises(OSError, match="No space left"):
        _write(Path("a.webm"), [number / 10 for number in range(50)])


@pytest.mark.parametrize(
    ("name", "encoder", "suffix", "codec"),
    [
        ("a.mp4", "aac", ".mp4", "aac"),
        ("a.mp4", "libmp3lame", ".mp4", "mp3"),
        ("a.mov", "pcm_s16le", ".mp4", "aac"),
        ("a.webm", "libopus", ".mp4", "aac"),
        ("a.webm", "libopus", ".webm", "opus"),
        ("a.mp4", "aac", ".webm", "opus"),
    ],
)
def test_the_sound_is_kept(tmp_path: Path, name: str, encoder: str, suffix: str, codec: str):
    times = [number / 10 for number in range(10)]
    write_frames(tmp_path / name, [(at, _plain(90)) for at in times], sound=encoder, sound_seconds=3.0)
    silent, target = _write(tmp_path / f"silent{suffix}", times), tmp_path / f"target{suffix}"
    assert write_with_sound(tmp_path / name, 0.0, silent, target) == Sound.KEPT
    found, begin, end = sound_of(target)
    assert found == codec
    assert (begin, end) == (pytest.approx(0.0, abs=0.06), pytest.approx(1.0, abs=0.1))
    with VideoReader(target) as reader:
        assert [frame.at for frame in reader] == pytest.approx(times, abs=0.001)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_sound_begins_with_the_first_picture(tmp_path: Path, suffix: str):
    """In this file the pictures begin half a second after the sound."""
    times = [0.5 + number / 10 for number in range(10)]
    write_frames(tmp_path / "a.mp4", [(at, _plain(90)) for at in times], sound="aac", sound_seconds=3.0)
    with VideoReader(tmp_path / "a.mp4") as reader:
        assert reader.info.start == pytest.approx(0.5)
    silent, target = _write(tmp_path / f"silent{suffix}", [at - 0.5 for at in times]), tmp_path / f"target{suffix}"
    assert write_with_sound(tmp_path / "a.mp4", 0.5, silent, target) == Sound.KEPT
    _, begin, end = sound_of(target)
    assert (begin, end) == (pytest.approx(0.0, abs=0.06), pytest.approx(1.0, abs=0.1))


def test_a_silent_original_has_none(tmp_path: Path):
    write_frames(tmp_path / "a.mp4", [(0.0, _plain(90))])
    silent = _write(tmp_path / "silent.mp4", [0.0])
    assert write_with_sound(tmp_path / "a.mp4", 0.0, silent, tmp_path / "target.mp4") == Sound.NONE
    assert not (tmp_path / "target.mp4").exists()


def test_sound_that_cannot_be_read_is_lost(tmp_path: Path):
    (tmp_path / "a.mp4").write_bytes(b"Words alone.")
    silent = _write(tmp_path / "silent.mp4", [0.0])
    assert add_sound(tmp_path / "a.mp4", 0.0, silent, tmp_path / "target.mp4") == Sound.LOST


@pytest.mark.parametrize(
    "script", ["kill -SEGV $$", "echo kept; exit 1", "echo nonsense", "exec sleep 60"], ids=lambda text: text.split()[0]
)
def test_a_process_that_crashes_or_hangs_loses_the_sound_alone(tmp_path: Path, monkeypatch, script: str):
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(video_sound, "TIMEOUT_SECONDS", 0.5)
    write_sound(tmp_path / "a.mp4")
    waits: list[int] = []
    sound = add_sound(tmp_path / "a.mp4", 0.0, tmp_path, tmp_path / "b.mp4", on_wait=lambda: waits.append(1))
    assert sound == Sound.LOST
    assert bool(waits) == ("sleep" in script)
