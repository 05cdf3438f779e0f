"""Videos with real workers, which are killed."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.support.site import PROJECT
from tests.support.videos import write_video
from tests.support.worker import RunningWorker

pytestmark = pytest.mark.slow
SECONDS = 15


class VideoWorker(RunningWorker):
    """Workers of the default queue, and one person's videos."""

    def upload(self, path) -> str:
        """Upload a file as the page does; return the video's id."""
        program = (
            "from pathlib import Path; from accounts.models import User\n"
            "from analysis.videos.services import append_part, create_video\n"
            f"data = Path({str(path)!r}).read_bytes()\n"
            "owner = User.objects.first() or User.objects.create_user('ada@example.org')\n"
            "from analysis.consents.services import NOTICES, give_consent\n"
            "give_consent(user=owner, purpose='photos', notice_version=NOTICES['photos'])\n"
            "video = create_video(owner=owner, name='clip.mp4', size=len(data))\n"
            "print(append_part(video=video, offset=0, data=data).pk.hex)"
        )
        return self.shell(program).strip()

    def column(self, video: str, name: str):
        return self.query(f"select {name} from analysis_video where id = ?", video)[0][0]

    def wait_for(self, video: str, condition: str, seconds: float = 120) -> None:
        self.wait_until(lambda: self.column(video, condition), seconds)

    def wait_until(self, condition: Callable[[], object], seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                rows = self.query("select * from analysis_video")
                raise AssertionError(f"{rows}\n{(self.folder / 'worker.log').read_text()[-3000:]}")
            time.sleep(0.05)

    def count(self, table: str) -> int:
        return self.query(f"select count(*) from {table}")[0][0]


@pytest.fixture(scope="module")
def workers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workers")
    running = VideoWorker(folder, folder, MODELS_STORE=str(PROJECT / "models_store"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def clip(tmp_path_factory, hopper_path):
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    # Long enough that a quick machine is not done with it before it is seen to run.
    write_video(path, hopper_path, seconds=float(SECONDS), fps=25.0, size=(960, 540))
    return path


def test_after_a_killed_worker_another_analyses_it_again(workers, clip):
    video = workers.upload(clip)
    first = workers.start("default")
    workers.wait_for(video, "status = 'running' and progress > 0.1")
    workers.kill(first)
    assert workers.column(video, "status = 'running'")
    assert (workers.count("analysis_session"), workers.count("analysis_sample")) == (0, 0)
    workers.start("default")
    workers.start("default")
    workers.wait_for(video, "status not in ('queued', 'running')")
    assert workers.column(video, "status || message") == "finished"
    assert workers.column(video, "attempts") == 2
    assert workers.count("analysis_session") == 1
    samples = workers.query("select second, face, frames from analysis_sample order by second")
    assert samples == [(second, 1, 10) for second in range(SECONDS)]
    assert workers.query("select sum(n) from analysis_historysum where source = 'video'") == [(SECONDS,)]


def test_cancelling_stops_a_worker_within_seconds(workers, tmp_path, hopper_path):
    # Long enough that a quick machine is not done with it before the shell has started that cancels it.
    clip = tmp_path / "clip.mp4"
    write_video(clip, hopper_path, seconds=120.0)
    if not workers.processes or workers.processes[-1].poll() is not None:
        workers.start("default")
    video = workers.upload(clip)
    workers.wait_for(video, "status = 'running' and progress > 0.01")
    program = "from analysis.videos.services import *; from analysis.models import Video; "
    workers.shell(f"{program}cancel_video(video=Video.objects.get(pk={video!r}))")
    end = time.monotonic() + 5
    while list((workers.folder / "videos").iterdir()) and time.monotonic() < end:
        time.sleep(0.05)
    # The first worker's folder went with the sweep, this one's with its attempt.
    assert not list((workers.folder / "videos").iterdir())
    assert workers.column(video, "status") == "cancelled"
