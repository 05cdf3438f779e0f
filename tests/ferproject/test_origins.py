"""Which pages may open a WebSocket."""

from __future__ import annotations

import asyncio

import pytest

from analysis.live.consumers import ForeignOriginConsumer
from ferproject.server.origins import OwnOriginValidator

# A consumer tidies up the database's connections, of which an earlier test may have left one in its thread.
pytestmark = pytest.mark.django_db


def reaches(
    *,
    origin: str | None,
    host: str = "site.example",
    token: bool = False,
    cookie: bool = True,
    scheme: str | None = None,
) -> bool:
    """Whether a handshake with those headers reaches the application."""
    reached = []

    async def application(scope: object, receive: object, send: object) -> None:
        reached.append(scope)

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"} if not sent else {"type": "websocket.disconnect", "code": 1000}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    sent: list[dict[str, object]] = []
    headers = {b"host": host, b"cookie": "sessionid=x" if cookie else None, b"origin": origin}
    headers[b"authorization"] = "Token fer_x" if token else None
    headers[b"x-forwarded-proto"] = scheme
    scope = {
        "type": "websocket",
        "path": "/ws/live/",
        "headers": [(name, value.encode("latin1")) for name, value in headers.items() if value is not None],
    }
    asyncio.run(OwnOriginValidator(application, reject=ForeignOriginConsumer.as_asgi())(scope, receive, send))
    if not reached:
        assert [message["type"] for message in sent] == ["websocket.accept", "websocket.send", "websocket.close"]
        assert sent[-1]["code"] == 4403
    return bool(reached)


@pytest.fixture(autouse=True)
def _hosts(settings):
    settings.ALLOWED_HOSTS = ["site.example"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://trusted.example", "https://*.wide.example"]
    settings.BEHIND_HTTPS = False


@pytest.mark.parametrize("origin", ["http://site.example", "http://SITE.example"])
def test_the_sites_own(origin: str):
    assert reaches(origin=origin)


@pytest.mark.parametrize("origin", ["https://trusted.example", "https://a.wide.example"])
def test_a_trusted_one(origin: str):
    assert reaches(origin=origin)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "http://evil.example",
        "http://site.example.evil.example",
        "http://site.example:8001",
        "https://site.example",
        "http://trusted.example",
        "https://trusted.example:444",
        "http://site.example,http://evil.example",
        "http://[",
        "http://site.example:port",
        "site.example",
        "é",
    ],
)
def test_no_other(origin: str):
    assert not reaches(origin=origin)


@pytest.mark.parametrize("hosts", [["*"], ["site.example"]])
def test_any_host_allowed_lets_no_foreign_page_in(settings, hosts: list[str]):
    settings.ALLOWED_HOSTS = hosts
    assert not reaches(origin="http://evil.example")
    assert reaches(origin="http://site.example")


def test_a_disallowed_host_is_not_its_own_origin():
    assert not reaches(origin="http://evil.example", host="evil.example")


def test_behind_https_the_page_came_by_it(settings):
    settings.BEHIND_HTTPS = True
    assert reaches(origin="https://site.example", scheme="https")
    assert not reaches(origin="http://site.example", scheme="https")


@pytest.mark.parametrize("scheme", ["http", None])
def test_behind_https_nothing_comes_without_it(settings, scheme: str | None):
    settings.BEHIND_HTTPS = True
    assert not reaches(origin="https://site.example", scheme=scheme)
    assert not reaches(origin=None, token=True, scheme=scheme)


def test_without_an_origin_a_token_passes_and_a_cookie_does_not():
    assert reaches(origin=None, token=True)
    assert reaches(origin=None, token=True, cookie=False)
    assert not reaches(origin=None)


def test_a_token_makes_no_foreign_page_good():
    assert not reaches(origin="http://evil.example", token=True)
