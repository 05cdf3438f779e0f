"""Reads every kind of video as a player shows it: its times, its length, upright, with square pixels."""

from __future__ import annotations

import os
import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from analysis.recognition.errors import RecognitionError
from analysis.recognition.video.reader import FrameClock, VideoReader
from tests.support.videos import ENCODERS, write_frames, write_sound

RED = (250, 0, 0)


def _marked(shade: int = 128) -> np.ndarray:
    """Return a grey picture, 64 x 48, whose upper left quarter is red."""
    image = np.full((48, 64, 3), shade, np.uint8)
    image[:24, :32] = RED
    return image


def _frames(*times: float) -> list[tuple[float, np.ndarray]]:
    return [(at, _marked()) for at in times]


def _tenths(count: int) -> list[float]:
    return [number / 10 for number in range(count)]


def _red_corners(image: np.ndarray) -> list[str]:
    height, width = image.shape[:2]
    corners = {
        "upper left": image[: height // 2, : width // 2],
        "upper right": image[: height // 2, width // 2 :],
        "lower left": image[height // 2 :, : width // 2],
        "lower right": image[height // 2 :, width // 2 :],
    }
    middles = {name: corner[corner.shape[0] // 2, corner.shape[1] // 2].astype(int) for name, corner in corners.items()}
    return [name for name, colour in middles.items() if np.abs(colour - RED).max() < 12]


def _refusal(path: Path) -> str:
    with pytest.raises(RecognitionError) as raised, VideoReader(path) as reader:
        list(reader)
    return raised.value.code


def _trim(data: bytes, start: float, seconds: float) -> bytes:
    """Write into an MP4's edit list which part is shown, as a phone's editor does."""
    at, media = data.index(b"elst"), data.index(b"mdhd")
    (ticks,) = struct.unpack_from(">I", data, media + 16)
    _, media_time = struct.unpack_from(">2I", data, at + 12)
    shown = struct.pack(">2I", round(1000 * seconds), media_time + round(start * ticks))
    return data[: at + 12] + shown + data[at + 20 :]


@pytest.mark.parametrize(
    ("codec", "suffix"),
    [*((codec, ".mp4") for codec in ENCODERS if codec != "vp8"), ("vp8", ".webm"), ("av1", ".webm")],
)
def test_common_codecs_are_read(tmp_path: Path, codec: str, suffix: str):
    path = tmp_path / f"a{suffix}"
    write_frames(path, _frames(*_tenths(5)), codec=codec)
    with VideoReader(path) as reader:
        frames = list(reader)
    assert [frame.at for frame in frames] == pytest.approx(_tenths(5), abs=0.001)
    assert (frames[-1].image.shape, frames[-1].image.dtype) == ((48, 64, 3), np.uint8)
    assert _red_corners(frames[-1].image) == ["upper left"]


def test_writing_a_test_video_leaves_this_process_no_real_time_priority(tmp_path: Path):
    write_frames(tmp_path / "a.mp4", _frames(*_tenths(2)), codec="av1")
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


@pytest.mark.parametrize(
    ("rotation", "is_mirrored", "corner"),
    [
        (0, False, "upper left"),
        (90, False, "lower left"),
        (180, False, "lower right"),
        (270, False, "upper right"),
        (0, True, "upper right"),
        (180, True, "lower left"),
    ],
)
def test_a_display_matrix_is_applied(tmp_path: Path, rotation: int, is_mirrored: bool, corner: str):
    write_frames(tmp_path / "a.mp4", _frames(0.0), rotation=rotation, is_mirrored=is_mirrored)
    with VideoReader(tmp_path / "a.mp4") as reader:
        (frame,) = reader
    size = (48, 64) if rotation in (90, 270) else (64, 48)
    assert (reader.info.width, reader.info.height) == size
    assert frame.image.shape == (size[1], size[0], 3)
    assert _red_corners(frame.image) == [corner]


@pytest.mark.parametrize(
    ("aspect", "rotation", "size"),
    [
        (Fraction(2, 1), 0, (128, 48)),
        (Fraction(1, 2), 0, (64, 96)),
        (Fraction(2, 1), 90, (48, 128)),
        (Fraction(200, 1), 0, (64, 48)),
    ],
)
def test_pixels_become_square_unless_their_shape_is_not_credible(
    tmp_path: Path, aspect: Fraction, rotation: int, size: tuple[int, int]
):
    write_frames(tmp_path / "a.mp4", _frames(0.0), pixel_aspect=aspect, rotation=rotation)
    with VideoReader(tmp_path / "a.mp4") as reader:
        (frame,) = reader
    assert (reader.info.width, reader.info.height) == size
    assert frame.image.shape == (size[1], size[0], 3)


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
@pytest.mark.parametrize(
    ("times", "fps", "seconds"),
    [
        (_tenths(20), 10, 2.0),
        ([0.0, 2.0, 4.0, 6.0], 0.5, 8.0),
        ([0.0, 0.04, 1.0, 1.04, 5.0], 25, 5.04),
    ],
    ids=["regular", "half a frame a second", "variable"],
)
def test_times_and_length_are_the_files(tmp_path: Path, suffix: str, times: list[float], fps: float, seconds: float):
    write_frames(tmp_path / f"a{suffix}", _frames(*times), fps=fps)
    with VideoReader(tmp_path / f"a{suffix}") as reader:
        frames = list(reader)
    assert [frame.at for frame in frames] == pytest.approx(times, abs=0.001)
    assert reader.info.seconds == pytest.approx(seconds, abs=0.002)
    assert frames[-1].at + frames[-1].seconds == pytest.approx(seconds, abs=0.002)


def test_a_trimmed_video_is_as_long_as_its_edit_list_says(tmp_path: Path):
    frames = [(number / 10, _marked(8 * number)) for number in range(30)]
    data = write_frames(tmp_path / "a.mp4", frames)
    (tmp_path / "trimmed.mp4").write_bytes(_trim(data, start=1.0, seconds=1.0))
    with VideoReader(tmp_path / "trimmed.mp4") as reader:
        read = list(reader)
    assert reader.info.seconds == pytest.approx(1.0)
    assert [frame.at for frame in read] == pytest.approx(_tenths(10), abs=0.001)
    assert [int(frame.image[40, 50, 0]) for frame in read] == pytest.approx([80 + 8 * n for n in range(10)], abs=4)


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_longer_sound_does_not_lengthen_the_pictures(tmp_path: Path, suffix: str):
    sound = "aac" if suffix == ".mp4" else "libopus"
    write_frames(tmp_path / f"a{suffix}", _frames(*_tenths(5)), sound=sound, sound_seconds=3.0)
    with VideoReader(tmp_path / f"a{suffix}") as reader:
        assert reader.info.seconds == pytest.approx(0.5, abs=0.002)


def test_fragmented_files_as_browsers_record_them_are_read(tmp_path: Path):
    write_frames(tmp_path / "a.mp4", _frames(*_tenths(5)), options={"movflags": "frag_keyframe+empty_moov"})
    with VideoReader(tmp_path / "a.mp4") as reader:
        assert len(list(reader)) == 5


def test_more_than_60_frames_a_second_are_thinned_out(tmp_path: Path):
    write_frames(tmp_path / "a.mp4", _frames(*(number / 240 for number in range(120))), fps=240)
    with VideoReader(tmp_path / "a.mp4") as reader:
        assert len(list(reader)) == pytest.approx(30, abs=1)


def test_large_frames_are_shrunk_to_even_sizes(tmp_path: Path):
    write_frames(tmp_path / "a.mp4", [(0.0, np.zeros((902, 1602, 3), np.uint8))], size=(1602, 902))
    with VideoReader(tmp_path / "a.mp4") as reader:
        (frame,) = reader
    assert (reader.info.width, reader.info.height) == (1602, 902)
    assert frame.image.shape == (720, 1280, 3)


def test_a_file_cut_off_is_read_up_to_there(tmp_path: Path):
    frames = [(number / 10, _marked(8 * number)) for number in range(30)]
    data = write_frames(tmp_path / "a.mp4", frames, options={"movflags": "faststart"})
    (tmp_path / "cut.mp4").write_bytes(data[: len(data) * 7 // 10])
    with VideoReader(tmp_path / "cut.mp4") as reader:
        count = len(list(reader))
    assert reader.info.seconds == pytest.approx(3.0)
    assert 10 < count < 25


def test_damage_within_is_skipped(tmp_path: Path):
    data = bytearray(write_frames(tmp_path / "a.mp4", _frames(*_tenths(30)), options={"movflags": "faststart"}))
    middle = len(data) * 6 // 10
    data[middle : middle + 200] = bytes(200)
    (tmp_path / "a.mp4").write_bytes(data)
    with VideoReader(tmp_path / "a.mp4") as reader:
        assert len(list(reader)) > 15


def _unknown_codec(path: Path) -> None:
    path.write_bytes(write_frames(path, _frames(0.0)).replace(b"avc1" + bytes(7), b"zzzz" + bytes(7)))


def _list_of_files(path: Path) -> None:
    """FFmpeg itself would follow it, by what the file says whatever its name is."""
    write_frames(path.with_name("secret.mp4"), _frames(0.0))
    path.write_text("ffconcat version 1.0\nfile secret.mp4\n")


@pytest.mark.parametrize(
    ("write", "code"),
    [
        (lambda path: path.write_bytes(b""), "damaged_video"),
        (lambda path: path.write_text("Words alone."), "damaged_video"),
        (lambda path: path.write_bytes(write_frames(path, _frames(0.0))[:40]), "damaged_video"),
        (_list_of_files, "damaged_video"),
        (lambda path: write_frames(path, []), "no_picture"),
        (_unknown_codec, "no_picture"),
        (write_sound, "only_sound"),
        (
            lambda path: write_frames(path, [(0.0, np.zeros((48, 4200, 3), np.uint8))], size=(4200, 48)),
            "too_many_pixels",
        ),
    ],
    ids=["empty", "text", "header", "list of files", "no frame", "unknown codec", "sound", "too wide"],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, write, code: str):
    write(tmp_path / "a.mp4")
    assert _refusal(tmp_path / "a.mp4") == code


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ([0.5, 0.54, 0.58], [0.0, 0.04, 0.08]),
        ([0.0, 0.04, 0.02, 0.12], [0.0, 0.04, 0.08, 0.12]),
        ([0.0, 0.0, None, float("nan")], [0.0, 0.04, 0.08, 0.12]),
        ([None, 0.04], [0.0, 0.04]),
    ],
)
def test_times_begin_at_0_and_increase(stated: list[float | None], expected: list[float]):
    clock = FrameClock()
    assert [clock.next(at, 0.04) for at in stated] == pytest.approx(expected)
