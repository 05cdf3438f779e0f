"""How fast the home page answers beside thousands of slow connections, and what the slow ones get."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.faults.table import Row, is_server_error
from tests.support.site import PROJECT, RunningSite

CLIENTS, PER_ADDRESS = 5000, 80
SECONDS = 25
"""Longer than the deadlines, so that connections are closed and opened again."""
PAUSE_SECONDS = 0.25
HEAD = "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
BODY = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n"


def run(*, clients: int = CLIENTS, seconds: float = SECONDS) -> list[Row]:
    """Measure on a site of its own; two minutes at most."""
    with tempfile.TemporaryDirectory() as folder:
        site = RunningSite(Path(folder))
        site.start()
        try:
            site.create_user(site.admin_email, superuser=True)
            httpx.get(site.url, timeout=60)  # computes what the home page shows
            return [
                measure(site, f"{clients} slow heads", head=HEAD, clients=clients, seconds=seconds),
                measure(site, f"{clients} slow bodies", head=BODY, clients=clients, seconds=seconds),
                measure(site, "500 of one address", head=HEAD, clients=500, per_address=500, seconds=min(5, seconds)),
            ]
        finally:
            site.stop()


def measure(
    site: RunningSite, name: str, *, head: str, clients: int, seconds: float, per_address: int = PER_ADDRESS
) -> Row:
    """Ask for the home page again and again, while so many clients send the beginning of a request and then drip."""
    job = {"port": site.port, "clients": clients, "per_address": per_address, "seconds": seconds, "head": head}
    command = [sys.executable, "-m", "tests.faults.slow_clients", json.dumps(job)]
    statuses, worst = [], 0.0
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as attack:
        while attack.poll() is None:
            began = time.monotonic()
            try:
                statuses.append(httpx.get(site.url, timeout=30).status_code)
            except httpx.TransportError:
                statuses.append(599)
            worst = max(worst, time.monotonic() - began)
            time.sleep(PAUSE_SECONDS)
        assert attack.stdout is not None
        seen = json.loads(attack.stdout.read())
    refused = sum(seen.get(status, 0) for status in ("408", "429", "503")) + seen.get("closed", 0)
    return Row(
        f"{name} ({seen.get('at once', 0)} open at once)",
        tried=seen["opened"],
        refused=refused,
        server_errors=sum(is_server_error(status) for status in statuses),
        worst_wait_seconds=worst,
    )
