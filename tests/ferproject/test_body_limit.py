"""A body that is too large is refused before it fills anything, and others are served meanwhile."""

from __future__ import annotations

import json
import socket
import threading
import time

import httpx
import psutil
import pytest

from tests.support.site import RunningSite

MEGABYTE = b"x" * 1_000_000


def _memory(site: RunningSite) -> int:
    return psutil.Process(site.process.pid).memory_info().rss


def _send(site: RunningSite, headers: bytes, chunks: int, *, chunked: bool) -> bytes:
    """Send a body as a browser does, reading the answer whenever it comes."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
        connection.sendall(
            b"POST /photos/ HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n" + headers + b"\r\n"
        )
        try:
            for _ in range(chunks):
                connection.sendall(b"F4240\r\n" + MEGABYTE + b"\r\n" if chunked else MEGABYTE)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return connection.recv(10_000)


@pytest.mark.slow
@pytest.mark.parametrize("chunked", [False, True], ids=["content-length", "chunked"])
def test_a_gigabyte_is_answered_413_without_filling_memory_or_blocking_others(site: RunningSite, chunked: bool):
    headers = b"Transfer-Encoding: chunked\r\n" if chunked else b"Content-Length: 1000000000\r\n"
    before = _memory(site)
    answers: list[bytes] = []
    sender = threading.Thread(target=lambda: answers.append(_send(site, headers, 200, chunked=chunked)))
    sender.start()
    slowest, highest = 0.0, before
    while sender.is_alive():
        began = time.monotonic()
        assert httpx.get(f"{site.url}/accounts/login/", timeout=10).status_code == 200
        slowest = max(slowest, time.monotonic() - began)
        highest = max(highest, _memory(site))
    head, _, body = answers[0].partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413")
    assert json.loads(body)["code"] == "too_large"
    assert slowest < 5
    assert highest - before < 60_000_000


def test_an_answer_for_people_is_a_page(site: RunningSite):
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99000000\r\n\r\n")
        answer = connection.recv(10_000)
    assert b"text/html" in answer
    assert b"20 MB" in answer


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"/photos/", b"A photo can be up to 20 MB"),
        (b"/videos/", b"Without JavaScript, a video can be up to 20 MB"),
        (b"/api/v1/analyses/batch/", b"The photos of one request can be up to 20 MB together"),
        (b"/api/v1/analyses/", b"A photo can be up to 20 MB"),
    ],
)
def test_what_was_expected_is_named(site: RunningSite, path: bytes, expected: bytes):
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
        connection.sendall(b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99000000\r\n\r\n")
        assert expected in connection.recv(10_000)
