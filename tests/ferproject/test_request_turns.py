"""Which requests are in Django at once: some of each visitor, and no visitor's many before another's one."""

from __future__ import annotations

from typing import Any

import pytest

from ferproject.server import request_turns
from ferproject.server.request_turns import AT_ONCE, RequestTurns, visitor


def _scope(visitor: bytes = b"ada", method: str = "GET", **headers: bytes) -> dict[str, Any]:
    listed = [(b"cookie", b"theme=dark; sessionid=" + visitor)] if visitor else []
    listed += [(name.replace("_", "-").encode(), value) for name, value in headers.items()]
    return {"type": "http", "method": method, "headers": listed, "client": ["192.0.2.1", 1234]}


class Site:
    """Stands for Django: begins requests, and ends them when told."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.refused: dict[str, str] = {}
        self.gone: set[str] = set()
        self.turns = RequestTurns(start=self._start, refuse=self._refuse)

    def _start(self, request: str, scope: dict[str, Any]) -> str | None:
        if request in self.gone:
            return None
        self.begun.append(request)
        return f"queue of {request}"

    def _refuse(self, request: str, error: Any) -> None:
        self.refused[request] = error.code

    def send(self, name: str, count: int, **scope: Any) -> list[Any]:
        return [self.turns.enter(f"{name} {n}", _scope(name.encode(), **scope)) for n in range(count)]


def test_some_of_a_visitors_requests_begin_and_the_others_wait_for_them():
    site = Site()
    started = site.send("ada", AT_ONCE + 2)
    assert [deferred.called for deferred in started] == [True] * AT_ONCE + [False] * 2
    site.send("ben", 1)
    assert site.begun[-1] == "ben 0"
    site.turns.leave("ada 0")
    site.turns.leave("ada 0")  # its response began, then it ended
    assert site.begun[-1] == f"ada {AT_ONCE}"
    assert started[AT_ONCE].result == f"queue of ada {AT_ONCE}"


def test_pages_do_not_wait_for_the_same_visitors_uploads():
    site = Site()
    site.send("ada", 50, method="POST")
    site.turns.enter("page", _scope(b"ada"))
    assert site.begun == [*(f"ada {n}" for n in range(AT_ONCE)), "page"]


def test_where_all_are_taken_whoever_comes_is_next(monkeypatch):
    monkeypatch.setattr(request_turns, "ALL_WRITING", 4)
    site = Site()
    site.send("ada", 20, method="POST")
    site.send("ben", 1, method="POST")
    site.turns.leave("ada 1")
    assert site.begun[4:] == ["ben 0"]


def test_only_the_visitors_own_excess_is_refused(monkeypatch):
    monkeypatch.setattr(request_turns, "UNFINISHED", 10)
    site = Site()
    started = site.send("ada", 11)
    site.send("ben", 3)
    assert site.refused == {"ada 10": "too_many_waiting"}
    assert started[10].result is None


def test_a_full_site_refuses_the_last_of_who_has_most_waiting(monkeypatch):
    monkeypatch.setattr(request_turns, "ALL_UNFINISHED", 20)
    site = Site()
    site.send("ada", 20)
    site.send("ben", 1)
    assert site.refused == {"ada 19": "busy"}
    assert "ben 0" in site.begun


def test_a_client_that_has_gone_makes_room_at_once():
    site = Site()
    started = site.send("ada", AT_ONCE + 2)
    site.gone = {f"ada {AT_ONCE}"}
    site.turns.leave("ada 0")
    assert started[AT_ONCE].result is None
    assert site.begun[-1] == f"ada {AT_ONCE + 1}"


@pytest.mark.parametrize(
    ("scope", "proxies", "expected"),
    [
        (_scope(b"abc"), 0, ("session", b"abc")),
        (_scope(b"abc", authorization=b"Token fer_1"), 0, ("token", "fer_1")),
        (_scope(b""), 0, ("address", "192.0.2.1")),
        (_scope(b"", x_forwarded_for=b"203.0.113.5"), 0, ("address", "192.0.2.1")),
        (_scope(b"", x_forwarded_for=b"198.51.100.1, 203.0.113.5"), 1, ("address", "203.0.113.5")),
        (_scope(b"", x_forwarded_for=b"198.51.100.1, 203.0.113.5"), 2, ("address", "198.51.100.1")),
        (_scope(b""), 1, ("address", "192.0.2.1")),
    ],
)
def test_a_visitor_is_known_by_token_session_or_address(settings, scope, proxies, expected):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    assert visitor(scope) == expected
