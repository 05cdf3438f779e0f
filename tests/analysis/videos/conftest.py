"""Fixtures of the tests of videos."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis import engine
from analysis.videos import lease as video_lease
from analysis.videos import services as videos
from analysis.videos.models import Video
from tests.analysis.factories import make_face, make_recognition
from tests.support.videos import write_video


@pytest.fixture(autouse=True)
def _heads_are_not_read(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a process for each upload; `test_budget.py` has them read."""
    if request.module.__name__.rpartition(".")[2] != "test_budget":
        monkeypatch.setattr("analysis.videos.limits.read_head", lambda data: None)


@pytest.fixture(scope="session")
def webm(tmp_path_factory: pytest.TempPathFactory, hopper_path: Path) -> bytes:
    """Two seconds of one face, ten frames a second."""
    return write_video(tmp_path_factory.mktemp("videos") / "face.webm", hopper_path)


class Seeing:
    """Stands for the engine: a sad face in every frame; `before` is called with the frame's number first."""

    def __init__(self):
        self.frames = 0
        self.before = lambda frame: None

    def run(self, work, **kwargs):
        self.frames += 1
        self.before(self.frames)
        return make_recognition([make_face("sad")], model="test-2")


@pytest.fixture
def seeing(monkeypatch):
    seeing = Seeing()
    monkeypatch.setattr(engine, "run", seeing.run)
    monkeypatch.setattr(video_lease, "HEARTBEAT_SECONDS", 0.0)
    return seeing


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """The ids sent to the broker."""
    sent: list[uuid.UUID] = []
    monkeypatch.setattr("ferproject.queue.leases.send", lambda task, video_id: sent.append(uuid.UUID(video_id)))
    return sent


@pytest.fixture
def upload(user, sent, django_capture_on_commit_callbacks) -> Callable[..., Video]:
    """Upload a whole video in parts of `part` bytes."""

    def upload(data: bytes, name: str = "clip.webm", part: int = 100_000, owner=user) -> Video:
        video = videos.create_video(owner=owner, name=name, size=len(data))
        with django_capture_on_commit_callbacks(execute=True):
            for offset in range(0, len(data), part):
                video = videos.append_part(video=video, offset=offset, data=data[offset : offset + part])
        return video

    return upload
