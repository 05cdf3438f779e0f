"""`make bench-live`: live clients in another process against the real server, on this machine's cores.

Frames are JPEGs, 480 pixels wide, of one moving real face. A latency runs from when a frame was due to be sent to when
its answer was read. Writes `var/bench/live.json`. For a trial run: BENCH_LIVE_SECONDS=5 BENCH_ROWS=20 make bench-live.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import psutil
from matplotlib.cbook import get_sample_data

from analysis.live.messages import FRAME_PIXELS, encode, faces_message, parse_frame
from analysis.recognition.bundle import shipped_default
from analysis.recognition.classifier import Classifier
from analysis.recognition.detectors.registry import create_detector, create_frame_detector
from analysis.recognition.detectors.sequence import SequenceSearch
from analysis.recognition.faces import Face
from analysis.recognition.frame_jpeg import decode_timed
from analysis.recognition.framing import crop
from analysis.recognition.result import Milliseconds
from analysis.recognition.tracking.tracker import Tracker
from tests.bench import live_sequences
from tests.bench.live_clients import Job, Seen
from tests.bench.live_table import Load, Row, at_most, exit_status, one_client, show, sixty_clients, twenty_clients
from tests.support.live_site import create_tokens
from tests.support.site import RunningSite

PROJECT = Path(__file__).resolve().parent.parent.parent
SECONDS = float(os.environ.get("BENCH_LIVE_SECONDS", "60"))
"""Of the scenario with 20 clients; the others take a third and a half of it; faces are searched for another minute."""
SESSIONS_OF_A_USER = 4
READER = "reader@example.org"
PHOTOS = 200
READ_EVERY = 0.5
LOOK_EVERY = 0.1
FILL = """
from accounts.models import User
from tests.analysis.factories import make_photo
reader = User.objects.get(email={email!r})
for index in range({photos}):
    make_photo(reader, emotions=("happy", "sad")[: 1 + index % 2])
"""


def write_frames(folder: Path, count: int = 60) -> None:
    """Write JPEGs of 480 x 360 pixels in which one face moves, and comes and goes."""
    portrait = cv2.imread(str(get_sample_data("grace_hopper.jpg", asfileobj=False)))
    for index in range(count):
        turn = 2 * np.pi * index / count
        side = 360 + 90 * np.sin(turn)
        middle = 269 + 60 * np.cos(turn), 250 + 30 * np.sin(2 * turn)
        size = round(side * 4 / 3), round(side)
        frame = cv2.resize(cv2.getRectSubPix(portrait, size, middle), (480, 360), interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(folder / f"{index:03}.jpg"), frame, [cv2.IMWRITE_JPEG_QUALITY, 80])


def run_load(site: RunningSite, job: Job) -> Load:
    """Have clients do the job in a process of their own."""
    assert site.process is not None
    server = psutil.Process(site.process.pid)
    before = server.cpu_times()
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.live_clients"],
        cwd=PROJECT,
        input=json.dumps(asdict(job)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    after = server.cpu_times()
    told = json.loads(done.stdout)
    seen = [Seen(**one) for one in told["clients"]]
    return Load(seen, after.user + after.system - before.user - before.system, told["cpu_seconds"])


@contextmanager
def meanwhile(work: Callable[[], None], *, every: float) -> Iterator[None]:
    """Do `work` every so many seconds beside what is within; what goes wrong in it is raised in the end."""
    is_over = threading.Event()

    def go_on() -> None:
        while not is_over.wait(every):
            work()

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(go_on)
        try:
            yield
        finally:
            is_over.set()
        working.result()


@contextmanager
def history_reads(site: RunningSite) -> Iterator[list[float]]:
    """Read the history page now and then meanwhile, signed in; yields the milliseconds of each read."""
    times: list[float] = []
    with httpx.Client(base_url=site.url, headers={"Referer": site.url}, timeout=30) as client:
        client.get("/accounts/login/")
        form = {"login": READER, "password": site.password, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        client.post("/accounts/login/", data=form)

        def read() -> None:
            began = time.perf_counter()
            answer = client.get("/history/")
            times.append(1000 * (time.perf_counter() - began))
            # Whoever is not signed in is sent elsewhere in no time.
            assert answer.status_code == 200, answer.status_code

        read()
        times.clear()
        with meanwhile(read, every=READ_EVERY):
            yield times


@contextmanager
def memory_of(process: psutil.Process) -> Iterator[list[int]]:
    """Look how much memory a process has meanwhile; yields the bytes of each look."""
    looks: list[int] = []
    with meanwhile(lambda: looks.append(process.memory_info().rss), every=LOOK_EVERY):
        yield looks


def stage_rows(folder: Path) -> Iterator[Row]:
    """CPU milliseconds a frame, all threads', of each stage by itself at 5 frames a second, without any server."""
    bundle = shipped_default(PROJECT / "models_store")
    detector, classifier, tracker = create_detector("centerface"), Classifier(bundle), Tracker()
    frames, sequence = create_frame_detector(detector), SequenceSearch()
    messages = [bytes(4) + path.read_bytes() for path in sorted(folder.glob("*.jpg"))]
    spent: dict[str, list[float]] = {}

    def timed(stage: str, work: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        began = time.process_time()
        result = work(*arguments, **options)
        spent.setdefault(stage, []).append(1000 * (time.process_time() - began))
        return result

    for index, message in enumerate(messages * 4):
        frame = parse_frame(message, received_at=0.0)
        image, _ = timed("decode", decode_timed, frame.jpeg, max_pixels=FRAME_PIXELS)
        found = timed("detect", sequence.search, frames, image, index / 5)
        crops = timed("crop", crop, image, found, detector.frame)
        rows = timed("classify", classifier.classify, crops, single_view=True)
        seen = [Face(one.box, one.score, tuple(row.tolist())) for one, row in zip(found, rows, strict=True)]
        tracked = timed("track", tracker.update, seen, index / 5)
        answer = faces_message(frame, tracked, dropped=0, queue=0.0, milliseconds=Milliseconds(0, 0, 0))
        timed("write the answer", encode, answer)
    means = {stage: statistics.mean(times[len(messages) :]) for stage, times in spent.items()}
    yield from (Row(f"CPU of a frame: {stage}", mean, "ms") for stage, mean in means.items())
    yield Row("CPU of a frame: all these", sum(means.values()), "ms")


def live_rows(site: RunningSite, folder: Path) -> Iterator[Row]:
    emails = [f"viewer{number}@example.org" for number in range(15)]
    secrets = create_tokens(site, emails)
    tokens = [secret for secret in secrets for _ in range(SESSIONS_OF_A_USER)]
    site.create_user(READER, superuser=True)
    site.shell(FILL.format(email=READER, photos=PHOTOS))
    assert site.process is not None
    server = psutil.Process(site.process.pid)

    def job(clients: int, seconds: float, rate: float | None) -> Job:
        return Job(site.url, tokens[:clients], str(folder), seconds, rate)

    run_load(site, job(2, min(5.0, SECONDS), None))
    warm = server.memory_info().rss
    yield Row("the server's memory, warmed up", warm / 1e6, "MB")
    with memory_of(server) as memory:
        yield from one_client(run_load(site, job(1, SECONDS / 3, None)))
        with history_reads(site) as reads:
            load = run_load(site, job(20, SECONDS, 5.0))
        yield from twenty_clients(load, reads)
        yield from sixty_clients(run_load(site, job(60, SECONDS / 2, 5.0)))
    yield at_most("the server's memory at its peak, grown by", (max(memory) - warm) / 1e6, "MB", 50)


def main() -> int:
    """Print and write the table; return the exit status."""
    with tempfile.TemporaryDirectory() as temporary:
        frames = Path(temporary) / "frames"
        frames.mkdir()
        write_frames(frames)
        rows = [*stage_rows(frames), *live_sequences.rows()]
        site = RunningSite(Path(temporary) / "site")
        site.folder.mkdir()
        try:
            site.start()
            rows += live_rows(site, frames)
        finally:
            site.stop()
    show(rows)
    target = PROJECT / "var" / "bench" / "live.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    report = {"cores": os.cpu_count(), "seconds": SECONDS, "rows": [asdict(row) for row in rows]}
    target.write_text(json.dumps(report, indent=2, default=np.generic.item))
    print(f"Written to {target.relative_to(PROJECT)}.")
    return exit_status(rows)


if __name__ == "__main__":
    sys.exit(main())
