"""Every address of the site, asked by everybody: nobody gets at what is another's.

A new address fails here until it has its line in `tests/access_routes.py`: who may go there and, where its path has a
parameter, what of the owner's stands for it (see `tests/access_objects.py`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.tokens import services as tokens
from tests.support.access_objects import MAKERS, MARK, address_of
from tests.support.access_routes import ROUTES

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

ADMIN = "admin/"
"""Django builds these addresses; all of them ask for staff."""


def _walk(patterns: list[Any], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from _walk(pattern.url_patterns, route)


FOUND = sorted(set(_walk(get_resolver().url_patterns)))


def test_every_address_has_its_line_here():
    found = {route for route in FOUND if not route.startswith(ADMIN)}
    assert found - set(ROUTES) == set(), "say in tests/access_routes.py who may go there"
    assert set(ROUTES) - found == set(), "these addresses are gone"


@pytest.fixture(autouse=True)
def _forgotten_rates(settings):
    settings.API_RATES = dict.fromkeys(settings.API_RATES, "100000/min")
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def clients(user, other_user, administrator) -> dict[str, Client]:
    revoked = tokens.create_token(user=user, name="revoked", scope="write", expires_in=None)
    tokens.revoke_token(token=revoked.token)
    found = {
        "visitor": Client(),
        "revoked token": Client(HTTP_AUTHORIZATION=f"Token {revoked.secret}"),
        "owner": Client(),
        "other": Client(),
        "staff": Client(),
    }
    for role, person in (("owner", user), ("other", other_user), ("staff", administrator)):
        found[role].force_login(person)
        _confirm_password(found[role], person)
    return found


def _confirm_password(client: Client, person: Any) -> None:
    """Have the password typed again a moment ago: what is refused is not refused for want of that."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()


@dataclass(frozen=True)
class Answer:
    status: int
    leads_to: str
    text: str

    @property
    def asks_to_sign_in(self) -> bool:
        login = (reverse("account_login"), reverse("admin:login"))
        return self.status == 401 or (self.status == 302 and self.leads_to.startswith(login))

    @property
    def refuses(self) -> bool:
        return self.asks_to_sign_in or self.status in (403, 404)


def _ask(client: Client, method: str, address: str) -> Answer:
    response = client.generic(method, address, b"", content_type="application/json")
    text = (b"".join(response) if response.streaming else response.content).decode("utf-8", "replace")
    assert response.status_code < 500, (method, address, text)
    return Answer(response.status_code, response.headers.get("Location", ""), text)


def _first_answer(client: Client, address: str) -> Answer:
    """Return the answer to the first method that is there."""
    answers = (_ask(client, method, address) for method in METHODS)
    return next(answer for answer in answers if answer.status != 405)


def _check_strangers(clients: dict[str, Client], address: str) -> None:
    """Whoever is not signed in is asked to, whatever the method; a token that was revoked signs nobody in."""
    for role in ("visitor", "revoked token"):
        for method in METHODS:
            answer = _ask(clients[role], method, address)
            assert answer.asks_to_sign_in or answer.status == 405, (role, method, answer)
            assert MARK not in answer.text


def _check_own(clients: dict[str, Client], address: str, row: Any) -> None:
    _check_strangers(clients, address)
    before = type(row).objects.filter(pk=row.pk).values().get()
    for role in ("other", "staff"):
        for method in METHODS:
            answer = _ask(clients[role], method, address)
            assert answer.status in (404, 405), (role, method, answer)
            assert MARK not in answer.text
    assert type(row).objects.filter(pk=row.pk).values().get() == before
    assert not _first_answer(clients["owner"], address).refuses


def _check_people(clients: dict[str, Client], address: str, row: Any) -> None:
    _check_strangers(clients, address)
    for role in ("owner", "other", "staff"):
        answer = _first_answer(clients[role], address)
        assert not answer.refuses, (role, answer)
        assert role == "owner" or MARK not in answer.text


def _check_staff(clients: dict[str, Client], address: str, row: Any) -> None:
    _check_strangers(clients, address)
    for role in ("owner", "other"):
        for method in METHODS:
            answer = _ask(clients[role], method, address)
            assert answer.status in (403, 404, 405), (role, method, answer)
    assert not _first_answer(clients["staff"], address).refuses


def _check_anybody(clients: dict[str, Client], address: str, row: Any) -> None:
    for role, client in clients.items():
        answer = _first_answer(client, address)
        assert answer.status not in (401, 403), (role, answer)
        assert MARK not in answer.text


def _check_nobody(clients: dict[str, Client], address: str, row: Any) -> None:
    for role, client in clients.items():
        for method in METHODS:
            assert _ask(client, method, address).status == 404, (role, method)


CHECKS = {
    "anybody": _check_anybody,
    "people": _check_people,
    "owner": _check_own,
    "staff": _check_staff,
    "nobody": _check_nobody,
}


# The exports' answers are asynchronous, which this client reads in one piece.
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning")
@pytest.mark.parametrize("route", sorted(ROUTES))
def test_who_gets_in(clients, user, route):
    access = ROUTES[route]
    if access.who == "people":
        for kind in ("photo", "session", "video", "token", "job"):
            MAKERS[kind](user)
    address, row = address_of(route, access, user)
    CHECKS[access.who](clients, address, row)


@pytest.mark.parametrize("route", [route for route in FOUND if route.startswith(ADMIN)])
def test_the_administration_asks_for_staff(clients, route):
    if route in ("admin/login/", "admin/logout/", "admin/jsi18n/"):
        return
    path = re.sub(
        r"\(\?P<url>\.\*\)", "nowhere/", re.sub("<uuid:[^>]+>", "0" * 8 + "-0000-4000-8000-" + "0" * 12, route)
    )
    path = re.sub(r"<[^>]+>|\(\?P<[^)]*\)", "1", path)
    address = "/" + path.replace("^", "").replace("$", "")
    for role in ("visitor", "revoked token", "owner", "other"):
        for method in ("GET", "POST"):
            answer = _ask(clients[role], method, address)
            assert answer.asks_to_sign_in or answer.status in (403, 404), (role, method, answer)
