"""Refusals have a close code and an error, sent after the connection is accepted."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.live_site import create_tokens
from tests.support.live_sockets import STOP, LiveSocket, Visitor

pytestmark = pytest.mark.usefixtures("others_unaffected")


@pytest.fixture(scope="module")
def visitor(site, live_tokens) -> Iterator[Visitor]:
    visitor = Visitor(site, "ada@live.example")
    yield visitor
    visitor.close()


def test_a_cookie_from_the_sites_own_page_is_accepted(visitor: Visitor, jpeg: bytes):
    with visitor.connect() as socket:
        socket.start()
        assert socket.is_answered(jpeg)


def test_a_token_without_an_origin_is_accepted(ada: LiveSocket, jpeg: bytes):
    ada.start()
    assert ada.is_answered(jpeg)


FOREIGN, NOT_SIGNED_IN = (4403, "foreign_origin"), (4401, "not_signed_in")


@pytest.mark.parametrize(
    ("options", "closed"),
    [
        pytest.param({"cookie": "{cookie}", "origin": "http://evil.example"}, FOREIGN, id="foreign-page"),
        pytest.param({"cookie": "{cookie}", "origin": "null"}, FOREIGN, id="null-origin"),
        pytest.param({"cookie": "{cookie}", "origin": "http://127.0.0.1:1"}, FOREIGN, id="other-port"),
        pytest.param({"cookie": "{cookie}", "origin": "https://127.0.0.1:{port}"}, FOREIGN, id="other-scheme"),
        pytest.param({"cookie": "{cookie}", "origin": "http://127.0.0.1.evil:80"}, FOREIGN, id="similar-host"),
        pytest.param({"cookie": "{cookie}"}, FOREIGN, id="cookie-without-origin"),
        pytest.param({"token": "{token}", "origin": "http://evil.example"}, FOREIGN, id="token-from-foreign-page"),
        pytest.param({"origin": "{url}"}, NOT_SIGNED_IN, id="no-session"),
        pytest.param({"token": ""}, NOT_SIGNED_IN, id="empty-token"),
        pytest.param({"token": "fer_unknown"}, NOT_SIGNED_IN, id="unknown-token"),
        pytest.param({"token": "x" * 5000}, NOT_SIGNED_IN, id="long-token"),
        pytest.param({"token": "é"}, NOT_SIGNED_IN, id="token-beyond-ascii"),
        pytest.param(
            {"token": "fer_unknown", "cookie": "{cookie}", "origin": "{url}"},
            NOT_SIGNED_IN,
            id="unknown-token-and-cookie",
        ),
        pytest.param({"origin": "{url}", "path": "/ws/live/?token={token}"}, NOT_SIGNED_IN, id="token-in-the-url"),
    ],
)
def test_other_credentials_are_refused(site, visitor: Visitor, live_tokens, options: dict[str, str], closed):
    values = {"cookie": visitor.cookie, "token": live_tokens["ada"], "url": site.url, "port": site.port}
    with LiveSocket(site, **{name: value.format(**values) for name, value in options.items()}) as socket:
        assert socket.closed() == closed


def test_without_consent_nothing_is_started(site):
    (secret,) = create_tokens(site, ["cautious@live.example"], consenting=False)
    with LiveSocket(site, token=secret) as socket:
        socket.send({"type": "start"})
        assert socket.closed() == (4406, "no_consent")


def test_a_fifth_connection_of_a_user_is_refused(site, live_tokens, jpeg: bytes):
    sockets = [LiveSocket(site, token=live_tokens["ben"]) for _ in range(5)]
    for socket in sockets[:4]:
        socket.__enter__()
        socket.start()
    with sockets[4] as fifth:
        assert fifth.closed() == (4429, "too_many_sessions")
    assert all(socket.is_answered(jpeg) for socket in sockets[:4])
    sockets[0].request(STOP)
    sockets[0].__exit__(None, None, None)
    with LiveSocket(site, token=live_tokens["ben"]) as again:
        again.start()
    for socket in sockets[1:4]:
        socket.__exit__(None, None, None)


@pytest.mark.parametrize("session", ["no-id", "6f1d7c1e-3f53-4a57-9a0b-0a55a1d3f0aa"])
def test_an_unknown_session_is_not_resumed(ada: LiveSocket, session: str):
    ada.send({"type": "start", "session": session})
    assert ada.closed() == (4404, "no_such_session")


def test_another_users_session_is_unknown(site, live_tokens, ada: LiveSocket, jpeg: bytes):
    session = ada.start(record=True)["session"]
    assert ada.is_answered(jpeg)
    with LiveSocket(site, token=live_tokens["ben"]) as other:
        other.send({"type": "start", "session": session})
        assert other.closed() == (4404, "no_such_session")
    assert ada.is_answered(jpeg)
    assert ada.request(STOP)["session"] == session


def test_an_unknown_address_is_denied(site, live_tokens):
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        "Authorization": f"Token {live_tokens['ada']}",
    }
    assert httpx.get(f"{site.url}/ws/other/", headers=upgrade).status_code == 403
