"""A clock that is set by an hour, forward and back, while a video is analysed, a network trained, a session recorded.

libfaketime moves the clock of a process too, but Debian's 0.9.10 breaks the sleeps of Python 3.11.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from matplotlib.cbook import get_sample_data

from tests.faults.bystander import Tally
from tests.faults.fault_site import PEOPLE, FaultSite, fault_site
from tests.faults.kills import CLIP, UPLOAD, wait_for
from tests.faults.routes import sign_in
from tests.faults.storage import PAGES
from tests.faults.table import Row
from tests.support.live_sockets import LiveSocket, frame_of, live_jpeg
from tests.support.videos import write_video

SOURCE = Path(__file__).with_name("moved_clock.c")
MOVES, SHORT_MOVES = (3600, -3600, 0), (3600, -3600)
SWEEPS_SECONDS = 10.0
"""Longer than a worker may be silent here (`SOON_LOST`) and some sweeps."""
RUN = "clock-1"


def run(folder: Path, *, short: bool) -> list[Row]:
    """Return the row of the clock; "lost" counts leases, sessions and sign-ins that it ended. Needs a C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        print("The clock is skipped: there is no C compiler here.")
        return []
    folder.mkdir(parents=True, exist_ok=True)
    library, moved = folder / "moved_clock.so", folder / "moved"
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE)], check=True)
    moved.write_bytes(struct.pack("q", 0))
    with (
        fault_site(folder, LD_PRELOAD=str(library), MOVED_CLOCK=str(moved)) as site,
        _recorded(site) as session,
        closing(sign_in(site.site, PEOPLE[1])) as browser,
    ):
        _start_video(site)
        if not short:
            _start_training(site)
        tally, ended = Tally(), []
        with site.bystander() as seen:
            for seconds in SHORT_MOVES if short else MOVES:
                _set(moved, seconds)
                time.sleep(SWEEPS_SECONDS)
                for path in PAGES:
                    tally.count(browser.get(path))
                ended += [f"{what} at {seconds} s" for what in _ended(site, session)]
        print(*ended, sep="\n", end="")
        row = site.row("clock set by an hour", seen, tried=tally.tried + seen.tally.tried, refused=tally.refused)
        return [replace(row, lost=row.lost + len(ended) + tally.refused)]


def _set(moved: Path, seconds: int) -> None:
    with moved.open("r+b") as file:
        file.write(struct.pack("q", seconds))


def _start_video(site: FaultSite) -> None:
    """Have a worker analyse a video for about as long as the clock is set."""
    write_video(site.folder / CLIP, None, seconds=120.0, fps=25.0, size=(640, 360))
    site.workers.start("default")
    site.workers.shell(UPLOAD.format(path=str(site.folder / CLIP)))
    wait_for(site, "select 1 from analysis_video where status = 'running'", 60)


def _start_training(site: FaultSite) -> None:
    """Train for longer than the clock is set; the workers' end ends it."""
    site.workers.start("training")
    site.workers.start_run(RUN, epochs=50_000)
    site.workers.wait(RUN, lambda run: run.state == "training" and run.batch > 0)


def _ended(site: FaultSite, session: str) -> list[str]:
    """Return what does not go on."""
    query, ended = site.workers.query, []
    for state, claims in query("select state, claims from training_trainingrun"):
        if (state, claims) != ("training", 1):
            ended.append(f"the training was claimed {claims} times and is {state}")
    for status, attempts in query("select status, attempts from analysis_video"):
        if status not in ("running", "finished") or attempts != 1:
            ended.append(f"the video was claimed {attempts} times and is {status}")
    if query("select 1 from analysis_session where id = ? and ended_at is not null", session.replace("-", "")):
        ended.append("the live session was ended")
    return ended


@contextmanager
def _recorded(site: FaultSite) -> Iterator[str]:
    """Record a live session meanwhile; yield its id."""
    frame = live_jpeg(Path(get_sample_data("grace_hopper.jpg", asfileobj=False)).read_bytes())
    stopping = threading.Event()
    with LiveSocket(site.site, token=site.attacker_token) as live:
        session = live.start(record=True)["session"]

        def send() -> None:
            number = 0
            while not stopping.wait(0.5):
                number += 1
                live.send(frame_of(frame, number))
                live.receive(30)

        thread = threading.Thread(target=send)
        thread.start()
        try:
            yield session
        finally:
            stopping.set()
            thread.join(60)
