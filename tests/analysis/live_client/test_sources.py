"""Sources yield frames in real time, upright, of an even and limited size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analysis.live_client.sources import SourceError, VideoFile, open_source
from tests.support.videos import write_video


@pytest.fixture
def video(tmp_path: Path, hopper_path: Path) -> Path:
    write_video(tmp_path / "walk.webm", hopper_path, seconds=1, fps=10)
    return tmp_path / "walk.webm"


def test_a_timely_reader_gets_every_frame(video: Path):
    source, now, times = VideoFile(video), 0.0, []
    while picture := source.next(now):
        assert picture.image.shape == (240, 320, 3)
        times.append(picture.at)
        now = picture.at
    source.close()
    assert times == pytest.approx([index / 10 for index in range(10)], abs=0.002)


def test_a_late_reader_skips_frames(video: Path):
    source = VideoFile(video)
    assert source.next(0.0).at == 0
    assert source.next(0.55).at == pytest.approx(0.5, abs=0.002)
    assert source.next(60.0) is None
    source.close()


def test_colours_are_in_the_order_of_rgb(video: Path):
    """The canvas is (90, 110, 120) in blue, green, red."""
    source = VideoFile(video)
    corner = source.next(0.0).image[5:20, -20:-5].mean(axis=(0, 1))
    source.close()
    assert corner == pytest.approx([120, 110, 90], abs=8)


def test_large_frames_are_shrunk_to_even_sizes(tmp_path: Path):
    write_video(tmp_path / "large.mp4", None, seconds=0.2, size=(1602, 902))
    source = VideoFile(tmp_path / "large.mp4")
    assert source.next(0.0).image.shape == (540, 960, 3)
    source.close()


@pytest.mark.parametrize(("name", "complaint"), [("none.webm", "there is no file"), ("folder", "there is a folder")])
def test_a_missing_file_or_a_folder_is_an_error(tmp_path: Path, name: str, complaint: str):
    (tmp_path / "folder").mkdir()
    with pytest.raises(SourceError, match=f"expected a video file, or a camera's number; {complaint}"):
        open_source(str(tmp_path / name))


@pytest.mark.parametrize("content", [b"", b"These are words."])
def test_a_file_that_is_no_video_is_an_error(tmp_path: Path, content: bytes):
    (tmp_path / "words.webm").write_bytes(content)
    with pytest.raises(SourceError, match="This video cannot be opened"):
        open_source(str(tmp_path / "words.webm"))


class UnpluggedCamera:
    """A camera that is unplugged after two red frames."""

    def __init__(self, number: int) -> None:
        self.left = 2

    def isOpened(self) -> bool:
        return True

    def get(self, _: int) -> float:
        return 0.0

    def set(self, _: int, value: float) -> None:
        pass

    def read(self) -> tuple[bool, np.ndarray | None]:
        self.left -= 1
        return (True, np.full((48, 64, 3), (0, 0, 255), np.uint8)) if self.left >= 0 else (False, None)

    def release(self) -> None:
        self.left = 0


def test_camera_frames_have_their_capture_times_until_it_is_unplugged(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cv2.VideoCapture", UnpluggedCamera)
    camera = open_source("0")
    first, second, end = camera.next(0.0), camera.next(0.0), camera.next(0.0)
    camera.close()
    assert (first.at, first.image[0, 0].tolist(), first.seconds) == (0.0, [255, 0, 0], 1 / 30)
    assert 0 < second.at < 5
    assert end is None


def test_a_missing_camera_is_an_error():
    with pytest.raises(SourceError, match=r"Camera 97: expected the number of a connected camera"):
        open_source("97")
