"""Every address of a running site, with real rows behind it, asked by whom it does not belong to."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx

from tests.faults.bystander import Tally, in_threads
from tests.faults.fault_site import PEOPLE, fault_site
from tests.faults.table import Row
from tests.support.access_routes import ROUTES, Access
from tests.support.site import RunningSite

MARK = "owners-own-xyzzy"
OWNER = "owner@example.org"
PASSKEY = "accounts/2fa/webauthn/reauthenticate/"
"""Not asked by the owner, whose passkey is a row without a key."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

# Codes of an app come with the recovery codes.
MAKE_ROWS = """
import json
from accounts.models import User
from tests.support.access_objects import MAKERS, key_of
owner = User.objects.get(email={email!r})
print(json.dumps({{kind: key_of(kind, make(owner)) for kind, make in MAKERS.items() if kind != "app_codes"}}))
"""


def sign_in(site: RunningSite, email: str) -> httpx.Client:
    """Return a browser that signed in and sends its CSRF token with each request."""
    browser = httpx.Client(base_url=site.url, timeout=60)
    browser.get("/accounts/login/")
    browser.headers["X-CSRFToken"] = browser.cookies["csrftoken"]
    browser.post("/accounts/login/", data={"login": email, "password": site.password})
    assert "sessionid" in browser.cookies, f"{email} could not sign in"
    browser.headers["X-CSRFToken"] = browser.cookies["csrftoken"]
    return browser


def address(route: str, access: Access, keys: dict[str, str]) -> str:
    """Return an address for a route, of the row that stands for its parameter."""
    path = re.sub(r"\(\?P<[^)]*\)|<[^>]+>", keys.get(access.of, access.of), route)
    return "/" + path.replace("^", "").replace("$", "") + access.query


def run(folder: Path, *, short: bool) -> list[Row]:
    """Return the row of the routes; its server errors count answers that showed what is somebody else's, too."""
    with fault_site(folder) as site:
        site.site.create_user(OWNER)
        browsers = {
            "visitor": httpx.Client(base_url=site.site.url, timeout=60),
            "other": sign_in(site.site, PEOPLE[1]),
            "staff": sign_in(site.site, site.site.admin_email),
            "owner": sign_in(site.site, OWNER),
        }
        # After signing in, which asks for a second step once there is one.
        keys = json.loads(site.site.shell(MAKE_ROWS.format(email=OWNER)))
        with site.bystander() as seen:
            tally, leaks = _ask_all(browsers, keys, every=3 if short else 1)
        print(*tally.failures[:5], *leaks, sep="\n", end="")
        failures = tally.server_errors + len(leaks)
        return [site.row("routes", seen, tried=tally.tried, refused=tally.refused, server_errors=failures)]


def _ask_all(browsers: dict[str, httpx.Client], keys: dict[str, str], *, every: int) -> tuple[Tally, list[str]]:
    tally, leaks = Tally(), []

    def ask(number: int) -> None:
        role, browser = list(browsers.items())[number]
        for route in sorted(ROUTES)[::every]:
            access = ROUTES[route]
            if role == "owner" and route == PASSKEY:
                continue
            for method in METHODS if _may_try(role, route, access) else METHODS[:1]:
                answer = tally.count(browser.request(method, address(route, access, keys)))
                is_foreign = role == "visitor" or (role == "other" and access.who == "owner")
                if is_foreign and MARK in answer.text:
                    leaks.append(f"{role} {method} {route} showed what is {OWNER}'s")

    in_threads(len(browsers), ask)
    return tally, leaks


def _may_try(role: str, route: str, access: Access) -> bool:
    """Return whether every method is tried: not where it would end the session or the account that asks."""
    ends = ("accounts/logout/", "account/delete/", "accounts/sessions/", "setup/")
    return route not in ends and (role == "visitor" or (access.who == "owner" and role != "owner"))
