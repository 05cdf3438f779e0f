"""Refusals have a close code and an error, sent after the connection is accepted."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.live_site import create_tokens
from tests.support.live_sockets import STOP, LiveSocket, Visitor

pytestmark = pytest.mark.usefixtures("unharmed")


@pytest.fixture(scope="module")
def visitor(site, live_tokens) -> Iterator[Visitor]:
    visitor = Visitor(site, "ada@live.example")
    yield visitor
    visitor.close()


def test_a_cookie_from_the_sites_own_page_is_accepted(visitor: Visitor, jpeg: bytes):
    with visitor.connect() as socket:
        socket.start()
        assert socket.is_answered(jpeg)


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}", "http://127.0.0.1.evil:80"],
)
def test_a_cookie_from_a_foreign_page_is_refused(site, visitor: Visitor, origin: str):
    with visitor.connect(origin=origin.format(port=site.port)) as socket:
        assert socket.closed() == (4403, "foreign_origin")


def test_a_cookie_without_an_origin_is_refused(site, visitor: Visitor):
    with LiveSocket(site, cookie=visitor.cookie) as socket:
        assert socket.closed() == (4403, "foreign_origin")


def test_a_token_without_an_origin_is_accepted(ada: LiveSocket, jpeg: bytes):
    ada.start()
    assert ada.is_answered(jpeg)


def test_a_token_from_a_foreign_page_is_refused(site, live_tokens):
    with LiveSocket(site, token=live_tokens["ada"], origin="http://evil.example") as socket:
        assert socket.closed() == (4403, "foreign_origin")


def test_without_a_session_one_is_asked_to_sign_in(site):
    with LiveSocket(site, origin=site.url) as socket:
        assert socket.closed() == (4401, "not_signed_in")


@pytest.mark.parametrize("secret", ["", "fer_unknown", "x" * 5000, "é"])
def test_an_unknown_token_is_asked_to_sign_in(site, secret: str):
    with LiveSocket(site, token=secret) as socket:
        assert socket.closed() == (4401, "not_signed_in")


def test_a_wrong_token_is_refused_despite_a_cookie(site, visitor: Visitor):
    with LiveSocket(site, token="fer_unknown", cookie=visitor.cookie, origin=site.url) as socket:
        assert socket.closed() == (4401, "not_signed_in")


def test_a_token_in_the_url_is_ignored(site, live_tokens):
    path = f"/ws/live/?token={live_tokens['ada']}"
    with LiveSocket(site, origin=site.url, path=path) as socket:
        assert socket.closed() == (4401, "not_signed_in")


def test_without_consent_nothing_is_started(site):
    (secret,) = create_tokens(site, ["cautious@live.example"], consenting=False)
    with LiveSocket(site, token=secret) as socket:
        socket.say({"type": "start"})
        assert socket.closed() == (4406, "no_consent")


def test_a_fifth_connection_of_a_user_is_refused(site, live_tokens, jpeg: bytes):
    sockets = [LiveSocket(site, token=live_tokens["ben"]) for _ in range(5)]
    for socket in sockets[:4]:
        socket.__enter__()
        socket.start()
    with sockets[4] as fifth:
        assert fifth.closed() == (4429, "too_many_sessions")
    assert all(socket.is_answered(jpeg) for socket in sockets[:4])
    sockets[0].ask(STOP)
    sockets[0].__exit__(None, None, None)
    with LiveSocket(site, token=live_tokens["ben"]) as again:
        again.start()
    for socket in sockets[1:4]:
        socket.__exit__(None, None, None)


@pytest.mark.parametrize("session", ["no-id", "6f1d7c1e-3f53-4a57-9a0b-0a55a1d3f0aa"])
def test_an_unknown_session_is_not_resumed(ada: LiveSocket, session: str):
    ada.say({"type": "start", "session": session})
    assert ada.closed() == (4404, "no_such_session")


def test_another_users_session_is_unknown(site, live_tokens, ada: LiveSocket, jpeg: bytes):
    session = ada.start(record=True)["session"]
    assert ada.is_answered(jpeg)
    with LiveSocket(site, token=live_tokens["ben"]) as other:
        other.say({"type": "start", "session": session})
        assert other.closed() == (4404, "no_such_session")
    assert ada.is_answered(jpeg)
    assert ada.ask(STOP)["session"] == session


def test_an_unknown_address_is_denied(site, live_tokens):
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        "Authorization": f"Token {live_tokens['ada']}",
    }
    assert httpx.get(f"{site.url}/ws/other/", headers=upgrade).status_code == 403
