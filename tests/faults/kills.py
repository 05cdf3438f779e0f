"""The web process, a worker and a trainer, each killed again and again while people use the site."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.faults.bystander import in_threads
from tests.faults.fault_site import FaultSite, fault_site
from tests.faults.table import Row
from tests.support.videos import write_video

LONG, SHORT = (30, 240.0), (2, 20.0)
"""How many kills of each at most, and for how many seconds."""
RUN, EPOCHS = "killed-1", 5000
CLIP = "clip.mp4"
KILLABLE = "status in ('queued', 'running') and attempts < 3"
UPLOAD = """
from pathlib import Path
from accounts.models import User
from analysis.videos.services import append_part, create_video
data = Path({path!r}).read_bytes()
owner = User.objects.get(email="attacker@example.org")
video = create_video(owner=owner, name="clip.mp4", size=len(data))
print(append_part(video=video, offset=0, data=data).pk.hex)
"""


@dataclass
class Kills:
    """Counts kills from 0 to `most`, but no further once `seconds` are over."""

    most: int
    seconds: float
    done: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(15))

    def __iter__(self) -> Iterator[int]:
        end = time.monotonic() + self.seconds
        while self.done < self.most and time.monotonic() < end:
            yield self.done
            self.done += 1


def run(folder: Path, *, short: bool) -> list[Row]:
    """Return the rows of killed web processes, workers and trainers; all three are killed at the same time."""
    works = {"web": _kill_web, "worker": _kill_workers, "trainer": _kill_trainers}
    kills = {name: Kills(*(SHORT if short else LONG)) for name in works}
    lost: dict[str, int] = {}
    with fault_site(folder) as site:
        write_video(folder / CLIP, None, seconds=2.0, fps=25.0, size=(640, 360))

        def work(number: int) -> None:
            name = list(works)[number]
            lost[name] = works[name](site, kills[name])

        with site.bystander() as seen:
            in_threads(len(works), work)
        # Who is answered while the site starts again waits for TensorFlow: no wait is measured.
        gone, orphans = site.leftovers(seen.acknowledged)
    errors = seen.tally.server_errors
    return [
        Row("web killed", kills["web"].done, server_errors=errors, lost=gone + lost["web"], orphans=orphans),
        *(Row(f"{name} killed", kills[name].done, lost=lost[name]) for name in ("worker", "trainer")),
    ]


def _kill_web(site: FaultSite, kills: Kills) -> int:
    """Kill it at a random moment while photos arrive."""
    for _ in kills:
        time.sleep(kills.chance.uniform(0.5, 2.5))
        site.site.process.kill()
        site.site.process.wait()
        site.site.launch()
    return 0


def _kill_workers(site: FaultSite, kills: Kills) -> int:
    """Kill it while it analyses a video, twice each at most; return how many videos were never finished.

    A video whose worker died three times is given up.
    """
    workers, videos, worker = site.workers, [], site.workers.start("default")
    for _ in kills:
        (waiting,), *_ = workers.query(f"select count(*) from analysis_video where {KILLABLE}")
        if not waiting:
            videos.append(workers.shell(UPLOAD.format(path=str(site.folder / CLIP))).strip())
        wait_for(site, f"select 1 from analysis_video where {KILLABLE} and status = 'running'", 60)
        workers.kill(worker)
        worker = workers.start("default")
    wait_for(site, "select count(*) = 0 from analysis_video where status in ('queued', 'running')", 240)
    finished = {pk for (pk,) in workers.query("select id from analysis_video where status = 'finished'")}
    return len(set(videos) - finished)


def _kill_trainers(site: FaultSite, kills: Kills) -> int:
    """Kill the process that trains at a random moment; return how many epochs before the last are missing.

    After an epoch at least: a run whose process is ended three times without one is given up.
    """
    workers, worker, epoch = site.workers, site.workers.start("training"), 0
    workers.start_run(RUN, epochs=EPOCHS)
    for _ in kills:
        epoch = workers.wait(RUN, lambda run, epoch=epoch: run.state == "training" and run.epoch > epoch).epoch
        time.sleep(kills.chance.uniform(0.0, 1.0))
        if (trainer := _trainer_of(worker.pid)) is not None:
            trainer.kill()
            trainer.wait(10)
    before = workers.run(RUN).epoch
    workers.wait(RUN, lambda run: run.state == "training" and run.epoch > before)
    workers.ask("cancel_run", RUN)
    workers.wait(RUN, lambda run: run.state == "cancelled")
    saved, last = workers.query("select count(*), max(number) from training_runepoch")[0]
    return max(last, before) - saved


def wait_for(site: FaultSite, condition: str, seconds: float) -> None:
    """Wait until a query finds a true value; raise `AssertionError` after that many seconds."""
    end = time.monotonic() + seconds
    while not any(row[0] for row in site.workers.query(condition)):
        if time.monotonic() > end:
            rows = site.workers.query("select status, attempts, progress, message from analysis_video")
            raise AssertionError(f"{condition}: {rows}\n{(site.folder / 'worker.log').read_text()[-2000:]}")
        time.sleep(0.05)


def _trainer_of(worker: int) -> psutil.Process | None:
    """Return the process that trains for a worker, None if there is none."""
    children = psutil.Process(worker).children()
    return next((child for child in children if "training.runs.process" in child.cmdline()), None)
