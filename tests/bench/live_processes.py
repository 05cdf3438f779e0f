"""`python -m tests.bench.live_processes`: live frames a second of one web process, and of two, each on its own core.

Eight clients a process send as fast as they are answered. The processes share a folder, as those of `make run` do; the
clients take what the server leaves of the cores.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from tests.bench.live import run_load, write_frames
from tests.bench.live_clients import Job
from tests.bench.live_table import Row, at_least, exit_status, show
from tests.support.live_site import create_tokens
from tests.support.site import RunningSite

CLIENTS, SESSIONS_OF_A_USER = 8, 4
SECONDS, ROUNDS = 10.0, 3
WANTED = 1.8


def frames_a_second(sites: Sequence[RunningSite], tokens: Sequence[str], frames: Path) -> float:
    """Return the answers a second of all sites together."""
    jobs = [
        Job(site.url, list(tokens[number * CLIENTS :][:CLIENTS]), str(frames), SECONDS, None)
        for number, site in enumerate(sites)
    ]
    with ThreadPoolExecutor(len(sites)) as threads:
        loads = threads.map(run_load, sites, jobs)
        return sum(len(seen.latencies) / seen.seconds for load in loads for seen in load.clients)


def process_rows(folder: Path, frames: Path) -> list[Row]:
    """Measure one process and two in turn; the medians of the rounds, and of their ratios."""
    sites = [RunningSite(folder) for _ in range(2)]
    try:
        for number, site in enumerate(sites):
            # As `make run` starts them: each takes a core of its own.
            site.environment |= {"WEB_PROCESSES": "2", "FIRST_PORT": str(site.port - number)}
        sites[0].start()
        sites[1].launch()
        emails = [f"viewer{number}@example.org" for number in range(2 * CLIENTS // SESSIONS_OF_A_USER)]
        tokens = [secret for secret in create_tokens(sites[0], emails) for _ in range(SESSIONS_OF_A_USER)]
        frames_a_second(sites, tokens, frames)
        rounds = [[frames_a_second(sites[:count], tokens, frames) for count in (1, 2)] for _ in range(ROUNDS)]
    finally:
        for site in sites:
            site.stop()
    one, two = (statistics.median(rates) for rates in zip(*rounds, strict=True))
    ratio = statistics.median(both / alone for alone, both in rounds)
    return [
        Row("live frames a second: one process on one core", one, "/s"),
        Row("live frames a second: two processes on a core each", two, "/s"),
        at_least("the same: ratio", ratio, "", WANTED),
    ]


def main() -> int:
    """Print the table; return the exit status."""
    if len(psutil.Process().cpu_affinity() or ()) < 2:
        print("This takes two cores.")
        return 1
    with tempfile.TemporaryDirectory() as temporary:
        frames, folder = Path(temporary) / "frames", Path(temporary) / "site"
        frames.mkdir()
        folder.mkdir()
        write_frames(frames)
        rows = process_rows(folder, frames)
    show(rows)
    return exit_status(rows)


if __name__ == "__main__":
    sys.exit(main())
