"""Thousands of slow connections, and too many of one address, beside another person."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import httpx

from tests.faults.fault_site import FaultSite, fault_site
from tests.faults.table import Row, is_server_error
from tests.support.site import PROJECT, RunningSite

CLIENTS, PER_ADDRESS = 5000, 80
SECONDS = 25
"""Longer than the deadlines, so that connections are closed and opened again."""
PAUSE_SECONDS = 0.25
HEAD = "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
BODY = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n"
LOST = 599
"""Stands for the status of a request without a response."""


def run(folder: Path, *, short: bool) -> list[Row]:
    """Return a row for slow heads, for slow bodies and for one address; waits are also for the home page."""
    clients, seconds = (1000, 12) if short else (CLIENTS, SECONDS)
    with fault_site(folder) as site:
        httpx.get(site.site.url, timeout=60)  # computes what the home page shows
        return [
            _row(site, f"{clients} slow heads", head=HEAD, clients=clients, seconds=seconds),
            _row(site, f"{clients} slow bodies", head=BODY, clients=clients, seconds=seconds),
            _row(site, "500 connections of one address", head=HEAD, clients=500, per_address=500, seconds=5),
        ]


def _row(site: FaultSite, name: str, *, head: str, clients: int, seconds: float, per_address: int = PER_ADDRESS) -> Row:
    with site.bystander() as seen:
        got, statuses, worst = attack(site.site, head=head, clients=clients, seconds=seconds, per_address=per_address)
    name = f"{name} ({got['at once']} open at once)"
    failures = sum(map(is_server_error, statuses)) + seen.tally.refused
    row = site.row(name, seen, tried=got["opened"], refused=count_refused(got), server_errors=failures)
    return replace(row, worst_wait_seconds=max(worst, row.worst_wait_seconds or 0))


def attack(
    site: RunningSite, *, head: str, clients: int, seconds: float, per_address: int
) -> tuple[Counter[str], list[int], float]:
    """Ask for the home page while so many clients send `head` and then a byte a second.

    Returns what the clients got, as `SlowClients.run` does, the statuses of the home page, and the longest wait for it
    in seconds.
    """
    job = {"port": site.port, "clients": clients, "per_address": per_address, "seconds": seconds, "head": head}
    command = [sys.executable, "-m", "tests.faults.slow_clients", json.dumps(job)]
    statuses, worst = [], 0.0
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as slow_clients:
        while slow_clients.poll() is None:
            began = time.monotonic()
            try:
                statuses.append(httpx.get(site.url, timeout=30).status_code)
            except httpx.TransportError:
                statuses.append(LOST)
            worst = max(worst, time.monotonic() - began)
            time.sleep(PAUSE_SECONDS)
        assert slow_clients.stdout is not None
        return Counter(json.loads(slow_clients.stdout.read())), statuses, worst


def count_refused(got: Counter[str]) -> int:
    """Return how many connections were closed by the site, with an error or without."""
    return got["408"] + got["429"] + got["503"] + got["closed"]
