"""Each part of the cluster killed with SIGKILL, while people send photos, frames and videos and read pages."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field

import httpx

from tests.cluster.cluster import Cluster, Part
from tests.cluster.story import await_true, client
from tests.cluster.videos import VIDEOS, send_video, video_status, write_clip
from tests.faults.bystander import ANALYSES, Tally, portrait
from tests.faults.fault_site import PEOPLE
from tests.faults.routes import sign_in
from tests.faults.storage import PAGES
from tests.faults.table import Row, format_table
from tests.support.programs import kill_tree

LONG, SHORT = 3, 1
"""How often each part is killed."""
SETTLE_SECONDS = 3.0
RECOVERY_SECONDS = 240.0
PAUSE_SECONDS = 0.5
RUN, EPOCHS = "killed-1", 5000
LAST_OF_TRAINING = "S3"
"""The training is cancelled after this part: it costs others half a core."""


@dataclass
class Load:
    """What people beside the bystander were answered, and the photos and videos that the site said it has."""

    tally: Tally = field(default_factory=Tally)
    photos: list[str] = field(default_factory=list)
    videos: list[str] = field(default_factory=list)


def run(cluster: Cluster, *, short: bool) -> list[Row]:
    """Return a row for each part; a training goes on until the parts that it needs have been killed."""
    clip, rows = write_clip(cluster.folder), []
    cluster.trainer.start_run(RUN, epochs=EPOCHS)
    cluster.trainer.wait(RUN, lambda run: run.epoch > 0)
    with ExitStack() as stack:
        browsers = [stack.enter_context(closing(sign_in(web, cluster.admin_email))) for web in cluster.webs]
        for part in cluster.parts():
            kills = [_kill(cluster, part, _load(cluster, browsers, clip)) for _ in range(SHORT if short else LONG)]
            rows.append(_sum(kills))
            print(format_table(rows[-1:]), file=sys.stderr, flush=True)
            if part.name == LAST_OF_TRAINING:
                rows.append(_end_training(cluster))
    return rows


def _sum(kills: list[Row]) -> Row:
    """Return one row for all kills of a part, with the longest waits."""
    counted = ("tried", "refused", "server_errors", "lost", "orphans")
    measured = ("worst_wait_seconds", "recovery_seconds")
    sums = {name: sum(getattr(kill, name) for kill in kills) for name in counted}
    return Row(kills[0].name, **sums, **{name: max(getattr(kill, name) or 0.0 for kill in kills) for name in measured})


def _end_training(cluster: Cluster) -> Row:
    """Cancel the training, which must have gone on; return the row of its epochs."""
    before = cluster.trainer.run(RUN).epoch
    cluster.trainer.wait(RUN, lambda run: run.state == "training" and run.epoch > before)
    cluster.trainer.ask("cancel_run", RUN)
    cluster.trainer.wait(RUN, lambda run: run.state == "cancelled")
    epochs = "select count(*), max(number) from training_runepoch e join training_trainingrun r on r.id = e.run_id"
    saved, last = cluster.query(f"{epochs} where r.name = ?", RUN)[0]
    return Row("epochs of the training meanwhile", tried=last, lost=last - saved)


def _kill(cluster: Cluster, part: Part, using: AbstractContextManager[Load]) -> Row:
    """Kill a part under load and start it again; return what people saw."""
    with cluster.bystander() as seen, using as load:
        time.sleep(SETTLE_SECONDS)
        is_back = _when_back(cluster, part)
        kill_tree(part.pid())
        time.sleep(part.away_seconds)
        began = time.monotonic()
        part.start()
        await_true(is_back, RECOVERY_SECONDS, f"{part.name} was killed, and not all is served again")
        seconds = time.monotonic() - began
        time.sleep(SETTLE_SECONDS)
    tally = load.tally
    statuses = dict(seen.tally.statuses + tally.statuses)
    print(f"{part.name} killed:", statuses, *seen.tally.failures[:5], *tally.failures[:5], file=sys.stderr, flush=True)
    # Videos first: what is uploaded and not analysed belongs to them.
    lost_videos = _lost_videos(cluster, load.videos)
    lost, orphans = cluster.leftovers([*seen.acknowledged, *load.photos])
    return Row(
        f"{part.name} killed",
        tried=seen.tally.tried + tally.tried,
        refused=seen.tally.refused + tally.refused,
        server_errors=seen.tally.server_errors + tally.server_errors,
        lost=lost + lost_videos,
        orphans=orphans,
        worst_wait_seconds=seen.worst_photo,
        recovery_seconds=seconds,
    )


def _when_back(cluster: Cluster, part: Part) -> Callable[[], bool]:
    """Return whether what the part does is done again; called before it is killed, once it is at work."""
    if part.name == "trainer":
        epoch = cluster.trainer.run(RUN).epoch
        return lambda: cluster.trainer.run(RUN).epoch > epoch + 1
    if part.name == "worker":
        running = "select id, attempts from analysis_video where status = 'running'"
        await_true(lambda: cluster.query(running), 60, "no video is being analysed")
        video, attempts = cluster.query(running)[0]
        again = "select 1 from analysis_video where id = ? and (status = 'finished' or attempts > ?)"
        return lambda: bool(cluster.query(again, video, attempts))
    return lambda: _is_served(cluster)


def _is_served(cluster: Cluster) -> bool:
    """Return whether both web processes have all their parts, and HAProxy has a photo analysed."""
    photo = portrait() + time.time_ns().to_bytes(8, "big")
    try:
        if any(httpx.get(f"{web.url}/readyz", timeout=5).status_code != 200 for web in cluster.webs):
            return False
        with client(cluster, cluster.tokens[cluster.admin_email]) as admin:
            return admin.post(ANALYSES, files={"photo": ("me.jpg", photo)}, data={"people_agreed": "true"}).is_success
    except httpx.TransportError:
        return False


@contextmanager
def _load(cluster: Cluster, browsers: list[httpx.Client], clip: bytes) -> Iterator[Load]:
    """Read pages of both web processes and send videos through HAProxy meanwhile."""
    load = Load()
    with ExitStack() as stack:
        sender = stack.enter_context(client(cluster, cluster.tokens[PEOPLE[1]]))
        stack.enter_context(_repeated(lambda: _send_photo(sender, load)))
        for browser in browsers:
            stack.enter_context(_repeated(lambda browser=browser: _read_pages(browser, load)))
        stack.enter_context(_repeated(lambda: _send_video(sender, load, clip)))
        yield load


@contextmanager
def _repeated(work: Callable[[], None]) -> Iterator[None]:
    """Call `work` again and again on a thread; requests without an answer do not count."""
    stopping = threading.Event()

    def repeat() -> None:
        while not stopping.wait(PAUSE_SECONDS):
            with contextlib.suppress(httpx.HTTPError):
                work()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(90)


def _read_pages(browser: httpx.Client, load: Load) -> None:
    for path in PAGES:
        load.tally.count(browser.get(path))
        time.sleep(PAUSE_SECONDS / 2)


def _send_photo(sender: httpx.Client, load: Load) -> None:
    photo = portrait() + time.time_ns().to_bytes(8, "big")
    answer = sender.post(ANALYSES, files={"photo": ("me.jpg", photo)}, data={"people_agreed": "true"})
    if load.tally.count(answer).is_success:
        load.photos.append(answer.json()["id"])


def _send_video(sender: httpx.Client, load: Load, clip: bytes) -> None:
    """Send a video, and wait until it is analysed before the next one; give up one of which a part was refused."""
    for begun in sender.get(VIDEOS, params={"status": "uploading"}).raise_for_status().json()["results"]:
        load.tally.count(sender.post(f"{VIDEOS}{begun['id']}/cancel/"))
    video = send_video([sender], load.tally, clip, parts=2)
    load.videos.append(video)
    end = time.monotonic() + 30
    while video_status(sender, video) != "finished" and time.monotonic() < end:
        time.sleep(PAUSE_SECONDS)


def _lost_videos(cluster: Cluster, videos: list[str]) -> int:
    """Wait until the videos are analysed; return how many never are."""
    unfinished = "select id from analysis_video where status in ('queued', 'running')"
    with contextlib.suppress(AssertionError):
        await_true(lambda: not cluster.query(unfinished), RECOVERY_SECONDS, "videos are left")
    finished = {str(video) for (video,) in cluster.query("select id from analysis_video where status = 'finished'")}
    return len({*videos} - finished)
