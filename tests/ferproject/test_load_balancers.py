"""HAProxy, nginx and Caddy as deploy/one-host has them, before two real web processes on one SQLite database."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import WebSocketException

from tests.support.live_site import create_tokens
from tests.support.live_sockets import STOP, LiveSocket, frame_of, live_jpeg
from tests.support.programs import find_program, load_balancer
from tests.support.site import RunningSite

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["haproxy", "nginx", "caddy"])
def kind(request: pytest.FixtureRequest) -> str:
    try:
        find_program(request.param)
    except FileNotFoundError as error:
        pytest.skip(str(error))
    return request.param


@dataclass
class Cluster:
    """Two web processes, and the load balancer's port and address."""

    processes: list[RunningSite]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.processes[0].folder / "db.sqlite3"

    def await_ready(self) -> None:
        """Wait until the load balancer has seen both processes ready."""
        end = time.monotonic() + 30
        while len({self._who_answers() for _ in range(8)}) != 2:
            assert time.monotonic() < end, "the load balancer does not use both processes"
            time.sleep(0.2)

    def _who_answers(self) -> str:
        return httpx.get(f"{self.url}/healthz").headers.get("X-Served-By", "")


@pytest.fixture(scope="module")
def cluster(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    processes = [RunningSite(folder, PROXY_COUNT="1", API_RATE="100000/min") for _ in range(2)]
    processes[0].start()
    processes[0].create_user(processes[0].admin_email, superuser=True)
    processes[1].launch()
    proxy = load_balancer(folder, [process.port for process in processes], kind)
    try:
        proxy.start()
        cluster = Cluster(processes, proxy.port)
        cluster.await_ready()
        yield cluster
    finally:
        proxy.stop()
        for process in processes:
            process.stop()


@pytest.fixture(scope="module")
def token(cluster: Cluster) -> str:
    (secret,) = create_tokens(cluster.processes[0], ["ada@cluster.example"])
    return secret


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Token {token}"}


def test_an_upload_on_one_is_seen_on_the_other(cluster: Cluster, token: str, hopper: bytes):
    uploaded = httpx.post(
        f"{cluster.processes[0].url}/api/v1/analyses/", files={"photo": hopper}, headers=_headers(token), timeout=30
    )
    assert uploaded.status_code == 201, uploaded.text
    photo = uploaded.json()["id"]
    for url in (cluster.url, cluster.processes[1].url):
        seen = httpx.get(f"{url}/api/v1/analyses/{photo}/", headers=_headers(token), timeout=30)
        assert (seen.status_code, len(seen.json()["faces"])) == (200, 1)


def test_too_large_a_body_is_refused_before_it_is_sent(cluster: Cluster):
    with closing(socket.create_connection(("127.0.0.1", cluster.port), timeout=10)) as connection:
        connection.sendall(b"POST /api/v1/analyses/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 23000000\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 413")


class _Dying(BaseHTTPRequestHandler):
    """A web process that is ready, and ends when it is sent something."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def do_POST(self) -> None:
        self.close_connection = True

    def log_message(self, *args: object) -> None:
        pass


def test_a_request_whose_process_died_is_answered_503(kind: str, tmp_path: Path):
    with ThreadingHTTPServer(("127.0.0.1", 0), _Dying) as dying:
        threading.Thread(target=dying.serve_forever, daemon=True).start()
        proxy = load_balancer(tmp_path, [dying.server_port] * 2, kind)
        proxy.start()
        try:
            answer = httpx.post(f"http://127.0.0.1:{proxy.port}/api/v1/analyses/", timeout=20)
        finally:
            proxy.stop()
            dying.shutdown()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert (answer.json()["code"], answer.json()["retryable"]) == ("busy", True)


def _holder(cluster: Cluster, session: str) -> RunningSite:
    """Return the process that has the connection of a session."""
    query = "select process from analysis_liveconnection c join analysis_session s on s.token = c.token where s.id = ?"
    with closing(sqlite3.connect(cluster.database)) as database:
        (process,) = database.execute(query, [session.replace("-", "")]).fetchone()
    pid = int(process.split(":")[1])
    return next(site for site in cluster.processes if site.process.pid == pid)


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_a_live_session_survives_its_process(cluster: Cluster, token: str, hopper: bytes, sent: signal.Signals):
    cluster.await_ready()
    jpeg = live_jpeg(hopper)
    with LiveSocket(cluster, token=token) as first:
        session = first.start(record=True)["session"]
        assert first.is_answered(jpeg)
        holder = _holder(cluster, session)
        os.kill(holder.process.pid, sent)
        code = first.closed()[0]
    assert code == (1012 if sent == signal.SIGTERM else 1006)
    began = time.monotonic()
    with _connected(cluster, token) as second:
        assert second.request({"type": "start", "session": session})["session"] == session
        # A killed process may have saved nothing yet.
        assert second.request(frame_of(jpeg))["faces"][0]["id"] in ({2} if sent == signal.SIGTERM else {1, 2})
        assert second.request(STOP)["saved"]
    assert time.monotonic() - began < 10
    holder.process.wait(10)
    holder.launch()


def _connected(cluster: Cluster, token: str) -> LiveSocket:
    """Connect as a client does: again, while the proxy has not noticed that a process is gone."""
    end = time.monotonic() + 10
    while True:
        try:
            socket = LiveSocket(cluster, token=token)
            socket.__enter__()
            return socket
        except (WebSocketException, OSError):
            assert time.monotonic() < end
            time.sleep(0.2)


def test_a_process_that_stops_costs_no_request(cluster: Cluster, token: str):
    cluster.await_ready()
    statuses: list[int] = []
    is_over = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=cluster.url, headers=_headers(token), timeout=30) as client:
            while not is_over.is_set():
                statuses.append(client.get("/api/v1/sessions/").status_code)

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for thread in asking:
        thread.start()
    try:
        for process in cluster.processes:
            process.process.terminate()
            process.process.wait(30)
            process.launch()
            cluster.await_ready()
    finally:
        is_over.set()
        for thread in asking:
            thread.join()
    assert len(statuses) > 20
    assert set(statuses) == {200}
