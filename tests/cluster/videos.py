"""Short videos, sent in parts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import httpx
from matplotlib.cbook import get_sample_data

from tests.faults.bystander import Tally
from tests.support.videos import write_video

VIDEOS = "/api/v1/videos/"


def write_clip(folder: Path, *, has_face: bool = False) -> bytes:
    """Return two seconds of video, of one size with and without a face."""
    face = Path(get_sample_data("grace_hopper.jpg", asfileobj=False)) if has_face else None
    return write_video(folder / "clip.mp4", face, seconds=2.0, fps=25.0, size=(640, 360))


def send_video(clients: Sequence[httpx.Client], tally: Tally, data: bytes, *, parts: int) -> str:
    """Send a video, each part to another client; return its id. Raises an error of `httpx` where one is refused."""
    turns = cycle(clients)
    size = len(data)
    made = tally.count(next(turns).post(VIDEOS, json={"name": "clip.mp4", "bytes": size, "people_agreed": True}))
    video = made.raise_for_status().json()["id"]
    step = -(-size // parts)
    for offset in range(0, size, step):
        part = data[offset : offset + step]
        headers = {"Content-Type": "application/octet-stream"}
        address = f"{VIDEOS}{video}/part/?offset={offset}"
        tally.count(next(turns).put(address, content=part, headers=headers)).raise_for_status()
    return video


def video_status(client: httpx.Client, video: str) -> str:
    return client.get(f"{VIDEOS}{video}/").raise_for_status().json()["status"]
