"""A web process that is told to stop finishes what is under way and begins nothing else."""

from __future__ import annotations

import http.client
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.support.live_site import create_tokens
from tests.support.live_sockets import LiveSocket, live_jpeg
from tests.support.site import RunningSite

LATE_SECONDS = 1.0
"""How long the rest of an upload comes after the signal."""


@pytest.fixture
def stopping_site(tmp_path: Path) -> Iterator[RunningSite]:
    site = RunningSite(tmp_path)
    site.start()
    site.create_user(site.admin_email, superuser=True)
    yield site
    if site.process.poll() is None:
        site.stop()


def _begin_upload(site: RunningSite, token: str, photo: bytes) -> tuple[http.client.HTTPConnection, bytes]:
    """Send half of an upload; return its connection and the other half."""
    part = 'Content-Disposition: form-data; name="photo"; filename="photo.jpg"\r\nContent-Type: image/jpeg\r\n'
    body = f"--b\r\n{part}\r\n".encode() + photo + b"\r\n--b--\r\n"
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    connection.putrequest("POST", "/api/v1/analyses/")
    connection.putheader("Authorization", f"Token {token}")
    connection.putheader("Content-Type", "multipart/form-data; boundary=b")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body[: len(body) // 2])
    return connection, body[len(body) // 2 :]


def _idle_connection(site: RunningSite) -> socket.socket:
    """Return a connection that is kept open after its first response."""
    idle = socket.create_connection(("127.0.0.1", site.port), timeout=10)
    idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert idle.recv(1000).startswith(b"HTTP/1.1 200")
    return idle


def _await_refusal(site: RunningSite) -> None:
    end = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", site.port), 1).close()
        except ConnectionRefusedError:
            return
        assert time.monotonic() < end, "new connections are still taken"
        time.sleep(0.02)


@pytest.mark.slow
def test_an_upload_under_way_is_acknowledged_and_kept(stopping_site: RunningSite, hopper: bytes):
    (token,) = create_tokens(stopping_site, ["ada@stop.example"])
    uploading, rest = _begin_upload(stopping_site, token, hopper)
    with _idle_connection(stopping_site) as idle, LiveSocket(stopping_site, token=token) as live:
        live.start(record=True)
        assert live.is_answered(live_jpeg(hopper))
        stopping_site.process.send_signal(signal.SIGTERM)
        _await_refusal(stopping_site)
        assert live.closed() == (1012, "restarting")
        assert idle.recv(1000) == b""
    time.sleep(LATE_SECONDS)
    with closing(uploading):
        uploading.send(rest)
        response = uploading.getresponse()
        photo = response.read()
    assert (response.status, response.getheader("Connection")) == (201, "close"), photo
    assert stopping_site.process.wait(10) == 0
    stopping_site.launch()
    saved = httpx.get(f"{stopping_site.url}/api/v1/analyses/", headers={"Authorization": f"Token {token}"}, timeout=30)
    assert len(saved.json()["results"]) == 1
    assert saved.json()["results"][0]["id"] in photo.decode()


@pytest.mark.slow
def test_an_idle_site_stops_at_once_whoever_is_connected(stopping_site: RunningSite):
    with socket.create_connection(("127.0.0.1", stopping_site.port), timeout=10) as silent:
        began = time.monotonic()
        stopping_site.process.send_signal(signal.SIGTERM)
        stopping_site.process.wait(10)
        assert time.monotonic() - began < 5
        assert silent.recv(100) == b""


@pytest.mark.slow
def test_an_upload_that_never_ends_is_given_up(tmp_path: Path, hopper: bytes):
    site = RunningSite(tmp_path, STOP_SECONDS="1")
    site.start()
    try:
        (token,) = create_tokens(site, ["ada@stop.example"])
        uploading, _ = _begin_upload(site, token, hopper)
        site.process.send_signal(signal.SIGTERM)
        assert site.process.wait(10) == 0
        with closing(uploading), pytest.raises(ConnectionError):
            uploading.getresponse()
    finally:
        site.stop()
