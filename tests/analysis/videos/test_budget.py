"""A video of too many pixels in all frames is refused: with its first part where that tells it, else by its decoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analysis.errors import VideoError
from analysis.recognition.errors import RecognitionError
from analysis.recognition.video.frames import VideoFrames
from analysis.videos import services as videos
from analysis.videos.models import Video
from analysis.videos.worker import run_next_video
from tests.analysis.factories import kept_files
from tests.support.videos import write_frames

FRAMES, SIZE = 20, (64, 48)
PIXELS = FRAMES * SIZE[0] * SIZE[1]
GREY = np.full((SIZE[1], SIZE[0], 3), 128, np.uint8)
BEYOND = "too long or too large to analyse"


def _write(path: Path, **options: object) -> bytes:
    return write_frames(path, [(number / 10, GREY) for number in range(FRAMES)], size=SIZE, **options)


def _first_part(user, data: bytes, size: int = 0) -> Video:
    video = videos.create_video(owner=user, name="clip", size=size or len(data))
    return videos.append_part(video=video, offset=0, data=data)


@pytest.mark.parametrize(("name", "options"), [("a.mp4", {"movflags": "faststart"}), ("a.webm", {})])
def test_the_first_part_is_refused_where_it_tells(name, options, user, sent, settings, tmp_path):
    data = _write(tmp_path / name, options=options)
    settings.VIDEO_MAX_PIXELS = PIXELS
    assert _first_part(user, data[:-300], len(data)).received == len(data) - 300
    settings.VIDEO_MAX_PIXELS = PIXELS - 1
    with pytest.raises(VideoError, match=BEYOND) as caught:
        _first_part(user, data[:-300], len(data))
    assert caught.value.code == "too_costly"
    assert Video.objects.count() == 1
    settings.VIDEO_MAX_SECONDS = 1
    with pytest.raises(VideoError, match="Videos can be up to 1 second"):
        _first_part(user, data[:-300], len(data))
    assert Video.objects.count() == 1


def test_one_whose_end_tells_is_refused_by_its_decoder(user, sent, settings, tmp_path):
    data = _write(tmp_path / "a.mp4")
    settings.VIDEO_MAX_PIXELS = PIXELS - 1
    video = _first_part(user, data[:-300], len(data))
    videos.append_part(video=video, offset=len(data) - 300, data=data[-300:])
    run_next_video()
    video.refresh_from_db()
    assert (video.status, video.can_be_retried) == ("failed", False)
    assert BEYOND in video.message


def test_a_decoder_counts_the_frames_of_a_file_that_states_fewer(tmp_path):
    path = tmp_path / "a.webm"
    data = _write(path)
    path.write_bytes(data.replace(b"00:00:02.0", b"00:00:00.1"))
    assert path.read_bytes() != data
    with VideoFrames(path, max_pixels=PIXELS) as frames:
        assert len(list(frames)) == FRAMES
    seen = []
    with (
        VideoFrames(path, max_pixels=PIXELS - 1) as frames,
        pytest.raises(RecognitionError, match=BEYOND) as caught,
    ):
        seen.extend(frames)
    assert (caught.value.code, len(seen)) == ("too_costly", FRAMES - 1)


def test_refused_first_parts_leave_no_row_that_blocks_others(user, sent):
    for _ in range(videos.MAX_UNFINISHED + 1):
        with pytest.raises(VideoError) as caught:
            _first_part(user, b"\xff\xd8\xff\xe0 a JPEG")
        assert caught.value.code == "not_a_video"
    assert (Video.objects.count(), kept_files()) == (0, [])
