"""A download costs the server the memory of a portion, however large it is and however slowly it is read."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.site import RunningSite

FACES, MEGABYTES = 40_000, 14
EMAIL = "large@example.org"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cookies(site: RunningSite) -> Iterator[httpx.Cookies]:
    """Signed in as somebody whose history makes a file of more than MEGABYTES."""
    site.create_user(EMAIL)
    site.fill_history(EMAIL, faces=FACES)
    with httpx.Client(base_url=site.url, headers={"Referer": site.url}, timeout=60) as client:
        client.get("/accounts/login/")
        form = {"login": EMAIL, "password": site.password, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        assert client.post("/accounts/login/", data=form).is_redirect
        yield client.cookies


def _ask(site: RunningSite, cookies: httpx.Cookies) -> socket.socket:
    """Ask for the file over a connection that takes little before it is read."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 262_144)
    connection.settimeout(60)
    connection.connect(("127.0.0.1", site.port))
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    head = f"GET /history/export.json HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    connection.sendall(head.encode())
    return connection


def _memory(site: RunningSite) -> int:
    return psutil.Process(site.process.pid).memory_info().rss


def _work(site: RunningSite, seconds: float) -> float:
    """Return the seconds of computing that the server does in the next so many seconds."""
    process = psutil.Process(site.process.pid)
    before = sum(process.cpu_times()[:2])
    time.sleep(seconds)
    return sum(process.cpu_times()[:2]) - before


def _open_files(process: psutil.Process) -> int:
    """Return how many descriptors are open, but for those that SQLite saves for its next connections, and a pool's."""
    descriptors = Path(f"/proc/{process.pid}/fd")
    others = sum(descriptor.readlink().name != "db.sqlite3" for descriptor in descriptors.iterdir())
    return others - len(process.net_connections("unix"))


def test_a_large_download_needs_little_memory(site: RunningSite, cookies: httpx.Cookies):
    # What serving any download takes for good is not what this one adds.
    httpx.get(f"{site.url}/history/export.csv", cookies=cookies, timeout=60)
    before, highest, pieces = _memory(site), 0, []
    with httpx.stream("GET", f"{site.url}/history/export.json", cookies=cookies, timeout=60) as response:
        for piece in response.iter_bytes():
            pieces.append(piece)
            if len(pieces) % 20 == 0:
                highest = max(highest, _memory(site))
    text = b"".join(pieces)
    assert len(text) > MEGABYTES * 1_000_000
    assert len(json.loads(text)["faces"]) == FACES * 6 // 5
    assert highest - before < 8_000_000


def test_nothing_is_read_ahead_of_a_slow_client(site: RunningSite, cookies: httpx.Cookies):
    with _ask(site, cookies) as connection:
        text = connection.recv(1000)
        deadline = time.monotonic() + 60
        while _work(site, 0.5) > 0.1:
            assert time.monotonic() < deadline
        # Sessions come last: had the server gone on, it would hold their names as they were.
        site.shell("from analysis.models import Session; Session.objects.update(name='Renamed')")
        assert httpx.get(f"{site.url}/accounts/login/", timeout=10).status_code == 200
        pieces = [text]
        while piece := connection.recv(1_000_000):
            pieces.append(piece)
    text = b"".join(pieces)
    assert len(text) > MEGABYTES * 1_000_000
    assert b'"name": "Renamed"' in text
    assert b'"name": "Made-up' not in text


def test_reading_stops_when_the_client_disconnects(site: RunningSite, cookies: httpx.Cookies):
    process = psutil.Process(site.process.pid)
    threads, files = process.num_threads(), _open_files(process)
    for _ in range(5):
        with _ask(site, cookies) as connection:
            connection.recv(100_000)
    deadline = time.monotonic() + 20
    while _work(site, 0.5) > 0.1 or _open_files(process) > files:
        assert time.monotonic() < deadline
    assert process.num_threads() <= threads + 2
