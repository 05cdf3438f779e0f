"""Slow, idle and many connections, on the real server with short deadlines."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest

from tests.faults import connections as faults
from tests.support.site import RunningSite

PER_ADDRESS, IN_ALL, SECONDS = 20, 60, 1
API_HEAD = b"GET /api/v1/ HTTP/1.1\r\nHost: localhost\r\n"
UPLOAD = b"POST /api/v1/analyses/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000\r\n\r\n"


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    strict = RunningSite(
        tmp_path_factory.mktemp("strict"),
        CONNECTIONS_PER_ADDRESS=str(PER_ADDRESS),
        MAX_CONNECTIONS=str(IN_ALL),
        SLOW_REQUEST_SECONDS=str(SECONDS),
        SLOW_BODY_BYTES="1000",
    )
    strict.start()
    strict.create_user(strict.admin_email, superuser=True)
    yield strict
    strict.stop()


def _connect(site: RunningSite, address: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", site.port), timeout=10, source_address=(address, 0))


def _drip(connection: socket.socket, pieces: Iterator[bytes] | list[bytes], pause: float = 0.2) -> bytes:
    """Send a piece after each pause until the site answers; return what it answers."""
    connection.settimeout(pause)
    for piece in pieces:
        try:
            connection.sendall(piece)
            return connection.recv(10_000)
        except TimeoutError:
            continue
        except (BrokenPipeError, ConnectionResetError):
            return b""
    connection.settimeout(10)
    return connection.recv(10_000)


def _error(answer: bytes) -> tuple[int, str, bool]:
    """Return an answer's status, the code in its JSON, and whether it says when to try again."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head[9:12]), json.loads(body)["code"], b"Retry-After: " in head


def test_a_head_that_drips_is_answered_408(strict: RunningSite):
    with _connect(strict) as connection:
        connection.sendall(API_HEAD)
        began = time.monotonic()
        answer = _drip(connection, [b"X-Slow: a\r\n"] * 50)
        assert time.monotonic() - began < SECONDS + 2
    assert _error(answer) == (408, "request_timeout", True)
    assert b"within 1 seconds" in answer or b"within 1 second" in answer


@pytest.mark.parametrize(
    ("piece", "pieces", "status"),
    [(b"a" * 40, 50, 408), (b"a" * 1000, 50, 401)],
    ids=["200 bytes a second", "5000 bytes a second"],
)
def test_a_body_keeps_a_least_pace(strict: RunningSite, piece: bytes, pieces: int, status: int):
    with _connect(strict) as connection:
        connection.sendall(UPLOAD)
        answer = _drip(connection, [piece] * pieces)
    assert _error(answer)[0] == status


def test_a_slow_page_load_is_answered_with_a_page(strict: RunningSite):
    with _connect(strict) as connection:
        answer = _drip(connection, [b"GET / HTTP/1.1\r\n", *[b"X-Slow: a\r\n"] * 50])
    assert b"text/html" in answer
    assert b"The request took too long" in answer


def test_a_connection_that_sends_nothing_is_closed(strict: RunningSite):
    with _connect(strict) as connection:
        assert connection.recv(100) == b""


def test_requests_after_each_other_on_one_connection_are_answered(strict: RunningSite):
    with _connect(strict) as connection:
        for _ in range(3):
            connection.sendall(b"GET /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(0.7 * SECONDS)
            assert connection.recv(200_000).startswith(b"HTTP/1.1 200")


def test_only_the_address_with_too_many_connections_is_refused(strict: RunningSite):
    held = [_connect(strict, "127.0.0.2") for _ in range(PER_ADDRESS)]
    try:
        with _connect(strict, "127.0.0.2") as one_too_many:
            one_too_many.sendall(API_HEAD + b"\r\n")
            assert _error(one_too_many.recv(10_000)) == (429, "too_many_connections", True)
        assert httpx.get(strict.url, timeout=10).status_code == 200
    finally:
        for connection in held:
            connection.close()
    with _connect(strict, "127.0.0.2") as again:
        again.sendall(API_HEAD + b"\r\n")
        assert not again.recv(10_000).startswith(b"HTTP/1.1 429")


def test_where_all_places_are_taken_a_new_client_gets_that_of_the_oldest_slow_one(strict: RunningSite):
    held = [_connect(strict, f"127.0.0.{3 + number // PER_ADDRESS}") for number in range(IN_ALL)]
    try:
        for connection in held:
            connection.sendall(b"GET / HTTP/1.1\r\n")
        began = time.monotonic()
        assert httpx.get(strict.url, timeout=10).status_code == 200
        assert time.monotonic() - began < 5
        held[0].settimeout(0.5)
        with pytest.raises(ConnectionResetError):
            held[0].recv(100)
        held[-1].settimeout(0.1)
        with pytest.raises(TimeoutError):
            held[-1].recv(100)
    finally:
        for connection in held:
            connection.close()


def test_closed_connections_leave_nothing(strict: RunningSite):
    """Of any kind: closed early, refused, slow, or a WebSocket."""
    upgrade = b"GET /ws/live/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    upgrade += b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    for round_ in range(3):
        for head in (b"", API_HEAD, UPLOAD, API_HEAD + b"\r\n", upgrade):
            held = [_connect(strict, "127.0.0.9") for _ in range(PER_ADDRESS)]
            for connection in held:
                connection.sendall(head)
            if head is upgrade:
                assert held[0].recv(1000).startswith(b"HTTP/1.1 "), round_
            for connection in held:
                connection.close()
            time.sleep(0.1)
    with _connect(strict, "127.0.0.9") as again:
        again.sendall(API_HEAD + b"\r\n")
        assert not again.recv(10_000).startswith(b"HTTP/1.1 429")


def test_the_descriptor_limit_is_raised_as_far_as_it_may(strict: RunningSite):
    soft, hard = psutil.Process(strict.process.pid).rlimit(psutil.RLIMIT_NOFILE)
    assert soft == hard


def test_behind_a_proxy_requests_count_for_the_address_that_it_reports(tmp_path):
    site = RunningSite(tmp_path, PROXY_COUNT="1", CONNECTIONS_PER_ADDRESS="3")
    site.start()
    site.create_user(site.admin_email, superuser=True)
    try:
        held = [_connect(site) for _ in range(6)]
        for number, connection in enumerate(held):
            visitor = b"203.0.113.%d" % (number % 2)
            connection.sendall(UPLOAD[:-2] + b"X-Forwarded-For: " + visitor + b"\r\n\r\n")
        with _connect(site) as connection:
            connection.sendall(API_HEAD + b"X-Forwarded-For: 203.0.113.1\r\n\r\n")
            assert _error(connection.recv(10_000)) == (429, "too_many_connections", True)
        with _connect(site) as connection:
            connection.sendall(API_HEAD + b"X-Forwarded-For: 203.0.113.9\r\n\r\n")
            assert not connection.recv(10_000).startswith(b"HTTP/1.1 429")
        for connection in held:
            connection.close()
    finally:
        site.stop()


def test_the_home_page_answers_beside_slow_clients(strict: RunningSite):
    """The small form of the measurement with 5,000."""
    got, statuses, worst = faults.attack(strict, head=faults.HEAD, clients=50, seconds=2.5, per_address=10)
    assert set(statuses) == {200}
    assert faults.count_refused(got) >= 50
    assert worst < 5
