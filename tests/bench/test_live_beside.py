"""What is looked at beside the clients is looked at throughout, or the bench fails."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import psutil
import pytest

from tests.bench import live


@contextmanager
def pages(*statuses: int) -> Iterator[SimpleNamespace]:
    """A site whose history page answers with one status after the other, the last again and again."""
    left = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_history = self.path == "/history/"
            self.send_response((left.pop(0) if len(left) > 1 else left[0]) if is_history else 200)
            self.send_header("Set-Cookie", "csrftoken=some")
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}", password="some")
        finally:
            server.shutdown()


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(live, "READ_EVERY", 0.01)
    monkeypatch.setattr(live, "LOOK_EVERY", 0.01)


def test_every_read_of_the_history_page_counts():
    with pages(200) as site:
        with live.history_reads(site) as reads:
            end = time.monotonic() + 10
            while len(reads) <= 3 and time.monotonic() < end:
                time.sleep(0.05)
        assert len(reads) > 3


def test_a_sign_in_that_failed_is_no_fast_read():
    with pages(302) as site, pytest.raises(AssertionError, match="302"), live.history_reads(site):
        pass


def test_a_read_that_fails_on_the_way_fails_the_bench():
    with pages(200, 200, 500) as site, pytest.raises(AssertionError, match="500"), live.history_reads(site):
        time.sleep(0.3)


def test_memory_that_was_given_back_is_seen():
    process = psutil.Process(os.getpid())
    before = process.memory_info().rss
    with live.memory_of(process) as looks:
        much = bytearray(os.urandom(1)) * 100_000_000
        time.sleep(0.3)
        del much
        time.sleep(0.1)
    assert max(looks) - before > 90_000_000
    assert looks[-1] - before < 50_000_000
