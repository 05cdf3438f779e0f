"""Every address of the site, asked by everybody: nobody gets at what is another's.

A new address fails here until it has its line in `ROUTES`: who may go there and, where its path has a parameter, what
of the owner's stands for it (see `tests/access_objects.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts import tokens
from tests.access_objects import MAKERS, MARK, key_of

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Access:
    """`who` may go there: "anybody", "people" (signed in), "owner" of what `of` names, "staff", or "nobody".

    `of` is a kind of `MAKERS`, or, for parameters that are no row's, a text that fits. `query` is what an address
    needs before it looks for anything.
    """

    who: str
    of: str = ""
    query: str = ""


PUBLIC, PEOPLE, STAFF, NOWHERE = Access("anybody"), Access("people"), Access("staff"), Access("nobody")


def OWN(of: str) -> Access:
    return Access("owner", of)


ROUTES = {
    "": PUBLIC,
    "photos/": PEOPLE,
    "photos/new/": PEOPLE,
    "photos/sample/": PEOPLE,
    "photos/delete/": PEOPLE,
    "photos/<uuid:pk>/": OWN("photo"),
    "photos/<uuid:pk>/delete/": OWN("photo"),
    "photos/<uuid:pk>/image.jpg": OWN("photo"),
    "photos/<uuid:pk>/thumbnail.webp": OWN("photo"),
    "photos/<uuid:pk>/annotated.jpg": OWN("photo"),
    "faces/<int:pk>/correct/": OWN("face"),
    "corrections/<int:pk>/withdraw/": OWN("correction"),
    "corrections/<int:pk>/face.jpg": OWN("correction"),
    "live/": PEOPLE,
    "dashboard/": PEOPLE,
    "dashboard/series/": PEOPLE,
    "history/": PEOPLE,
    "history/chart.png": PEOPLE,
    "history/export.csv": PEOPLE,
    "history/export.json": PEOPLE,
    "history/again/": PEOPLE,
    "history/again/start/": PEOPLE,
    "history/again/<uuid:pk>/cancel/": OWN("job"),
    "history/again/<uuid:pk>/dismiss/": OWN("job"),
    "sessions/": PEOPLE,
    "sessions/<uuid:pk>/": OWN("session"),
    "sessions/<uuid:pk>/edit/": OWN("session"),
    "sessions/<uuid:pk>/delete/": OWN("session"),
    "sessions/<uuid:pk>/data.json": OWN("session"),
    "sessions/<uuid:pk>/samples.csv": OWN("session"),
    "videos/": PEOPLE,
    "videos/<uuid:pk>/": OWN("video"),
    "videos/<uuid:pk>/part/": Access("owner", "video", "?offset=0"),
    "videos/<uuid:pk>/progress/": OWN("video"),
    "videos/<uuid:pk>/cancel/": OWN("video"),
    "videos/<uuid:pk>/retry/": OWN("video"),
    "videos/<uuid:pk>/delete/": OWN("video"),
    "videos/<uuid:pk>/annotated.webm": OWN("video"),
    "model/": PUBLIC,
    "sample.webp": PUBLIC,
    "setup/": PUBLIC,
    "invite/<str:token>/": Access("anybody", "no-such-invitation"),
    "account/": PEOPLE,
    "account/consents/": PEOPLE,
    "account/consents/<str:purpose>/": Access("people", "photos"),
    "account/delete/": PEOPLE,
    "account/export/": PEOPLE,
    "account/retention/": PEOPLE,
    "account/space/": PEOPLE,
    "account/time-zone/": PEOPLE,
    "account/time-zone/found/": PEOPLE,
    "account/tokens/": PEOPLE,
    "account/tokens/new/": PEOPLE,
    "account/tokens/<uuid:pk>/revoke/": OWN("token"),
    "site/": STAFF,
    "site/quota/": STAFF,
    "site/invitations/": STAFF,
    "site/invitations/<int:pk>/revoke/": Access("staff", "invitation"),
    "accounts/login/": PUBLIC,
    "accounts/logout/": PUBLIC,
    "accounts/inactive/": PUBLIC,
    "accounts/signup/": PUBLIC,
    "accounts/reauthenticate/": PEOPLE,
    "accounts/email/": PEOPLE,
    "accounts/confirm-email/": PUBLIC,
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": Access("anybody", "no-such-key"),
    "accounts/password/change/": PEOPLE,
    "accounts/password/set/": PEOPLE,
    "accounts/password/reset/": PUBLIC,
    "accounts/password/reset/done/": PUBLIC,
    "accounts/password/reset/key/done/": PUBLIC,
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": Access("anybody", "1"),
    "accounts/login/code/confirm/": PUBLIC,
    "api/v1/me/": PEOPLE,
    "api/v1/analyses/": PEOPLE,
    "api/v1/analyses/batch/": PEOPLE,
    "api/v1/analyses/<uuid:pk>/": OWN("photo"),
    "api/v1/analyses/<uuid:pk>/annotated/": OWN("photo"),
    "api/v1/faces/<int:pk>/": OWN("face"),
    "api/v1/faces/<int:pk>/correction/": OWN("face"),
    "api/v1/sessions/": PEOPLE,
    "api/v1/sessions/<uuid:pk>/": OWN("session"),
    "api/v1/sessions/<uuid:pk>/samples/": OWN("session"),
    "api/v1/sessions/<uuid:pk>/summary/": OWN("session"),
    "api/v1/videos/": PEOPLE,
    "api/v1/videos/<uuid:pk>/": OWN("video"),
    "api/v1/videos/<uuid:pk>/annotated/": OWN("video"),
    "api/v1/videos/<uuid:pk>/cancel/": OWN("video"),
    "api/v1/videos/<uuid:pk>/part/": Access("owner", "video", "?offset=0"),
    "api/v1/videos/<uuid:pk>/retry/": OWN("video"),
    "api/v1/history/": PEOPLE,
    "api/v1/history/summary/": PEOPLE,
    "api/v1/versions/": PEOPLE,
    "api/v1/versions/<version:name>/": Access("people", "version"),
    "api/v1/versions/<version:name>/promote/": Access("staff", "version"),
    "api/v1/versions/<version:name>/rollback/": Access("staff", "version"),
    "api/v1/runs/": STAFF,
    "api/v1/runs/<uuid:pk>/": Access("staff", "run"),
    "api/v1/runs/<uuid:pk>/cancel/": Access("staff", "run"),
    "api/v1/runs/<uuid:pk>/resume/": Access("staff", "run"),
    "api/schema/": PUBLIC,
    "api/docs/": PUBLIC,
    "api/^": NOWHERE,
}
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
    assert found - set(ROUTES) == set(), "say in ROUTES who may go there"
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
    return found


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


def _address(route: str, access: Access, owner: Any) -> tuple[str, Any]:
    """Return a real address for a route, and the row in it."""
    row = MAKERS[access.of](owner) if access.of in MAKERS else None
    value = access.of if row is None else key_of(access.of, row)
    path = re.sub(r"\(\?P<[^)]*\)|<[^>]+>", value, route)
    return "/" + path.replace("^", "").replace("$", "") + access.query, row


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
    address, row = _address(route, access, user)
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
