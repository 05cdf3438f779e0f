"""`/healthz` and `/readyz`, on the real server before its set-up, and their checks one by one."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ferproject.queue.broker import check_broker
from ferproject.server import health
from ferproject.server.health import HealthChecks, check_database, check_files
from tests.support.site import RunningSite

PARTS = {"database", "files", "model", "broker"}


@pytest.fixture(scope="module")
def new_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """Not set up, behind HTTPS, with one host name, and with a Redis that is away and has a password."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    site = RunningSite(
        tmp_path_factory.mktemp("new"),
        BEHIND_HTTPS="yes",
        SITE_HOSTS="expressions.example.org",
        REDIS_URL=f"redis://:swordfish@127.0.0.1:{port}/0",
    )
    site.start()
    yield site
    site.stop()


def _ready(site: RunningSite, query: str = "") -> httpx.Response:
    return httpx.get(f"{site.url}/readyz{query}", timeout=10)


def _await_status(site: RunningSite, status: int) -> dict[str, Any]:
    end = time.monotonic() + 10
    while (response := _ready(site)).status_code != status:
        assert time.monotonic() < end, response.text
        time.sleep(0.1)
    return response.json()


@pytest.mark.parametrize("ask", [httpx.get, httpx.head])
def test_a_new_site_is_alive_before_its_set_up(new_site: RunningSite, ask: Callable[..., httpx.Response]):
    response = ask(f"{new_site.url}/healthz", timeout=10)
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")


def test_each_part_is_named_and_no_secret_told(new_site: RunningSite):
    response = _ready(new_site)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert response.json() == {
        "code": "not_ready",
        "message": "Away: broker.",
        "errors": {},
        "retryable": True,
        "parts": {"database": "ok", "files": "ok", "model": "ok", "broker": "away"},
    }
    assert "swordfish" not in (new_site.folder / "server.log").read_text()


def test_a_load_balancer_leaves_a_part_out(new_site: RunningSite):
    response = _ready(new_site, "?exclude=broker")
    assert response.status_code == 200
    assert response.json() == {"ready": True, "parts": dict.fromkeys(PARTS - {"broker"}, "ok")}


def test_it_is_nobodys_visit(new_site: RunningSite):
    assert "Set-Cookie" not in _ready(new_site).headers
    assert new_site.database.query("select count(*) from django_session") == [(0,)]


@pytest.mark.sqlite
def test_without_its_database_a_site_is_alive_and_not_ready(tmp_path: Path):
    site = RunningSite(tmp_path)
    site.start()
    try:
        for file in site.folder.glob("db.sqlite3*"):
            file.rename(site.folder / f"moved-{file.name}")
        assert httpx.get(f"{site.url}/healthz", timeout=10).status_code == 200
        assert _await_status(site, 503)["parts"]["database"] == "away"
        for file in site.folder.glob("moved-*"):
            file.rename(site.folder / file.name.removeprefix("moved-"))
        _await_status(site, 200)
    finally:
        site.stop()


def _answer(checks: HealthChecks, path: str = "/readyz") -> tuple[int, dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(checks({"type": "http", "method": "GET", "path": path, "query_string": b""}, None, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


async def _application(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("expected no other request")


def test_a_part_that_does_not_answer_is_away_and_not_asked_again_meanwhile(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.05)
    answers, asked = threading.Event(), []

    def check() -> None:
        asked.append(True)
        answers.wait(10)

    async def ask() -> list[int]:
        checks = HealthChecks(_application, {"database": check})
        statuses: list[int] = []

        async def send(message: dict[str, Any]) -> None:
            statuses.append(message.get("status", 0))

        scope = {"type": "http", "method": "GET", "path": "/readyz", "query_string": b""}
        for _ in range(3):
            await checks(scope, None, send)
        answers.set()
        return statuses[::2]

    assert asyncio.run(ask()) == [503] * 3
    assert len(asked) == 1


def test_an_answer_is_given_again_for_a_second():
    asked: list[bool] = []
    checks = HealthChecks(_application, {"database": lambda: asked.append(True)})
    assert [_answer(checks)[0] for _ in range(3)] == [200] * 3
    assert len(asked) == 1


@pytest.mark.parametrize(("setting", "check"), [("MEDIA_ROOT", check_files), ("BROKER_DIR", check_broker)])
def test_a_part_is_away_without_its_folder(settings, tmp_path: Path, setting: str, check: Callable[[], None]):
    setattr(settings, setting, tmp_path / "var" / "part")
    check()
    setattr(settings, setting, tmp_path / "gone" / "part")
    with pytest.raises(OSError, match="missing"):
        check()
    assert not (tmp_path / "gone").exists()


@pytest.mark.django_db(transaction=True)
def test_the_database_is_asked():
    check_database()
