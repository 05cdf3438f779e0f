"""An open connection is closed within five seconds of the end of its sign-in or consent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.live_site import create_tokens
from tests.support.live_sockets import LiveSocket, Visitor

SECONDS = 5
SHELL = """
import datetime
from accounts.models import ApiToken, User
from accounts.tokens.services import revoke_token
from analysis.consents.services import withdraw_consent
from django.utils import timezone
def person(name):
    return User.objects.get(email=f"{name}@ends.example")
def tokens(name):
    return ApiToken.objects.filter(user=person(name))
revoke_token(token=tokens("revoked").get())
tokens("expired").update(expiry=timezone.now() - datetime.timedelta(1))
User.objects.filter(pk=person("deactivated").pk).update(is_active=False)
person("deleted").delete()
withdraw_consent(user=person("withdrawn"), purpose="camera")
changed = person("changed")
changed.set_password("another password")
changed.save()
"""
SIGNED_OUT = (4401, "signed_out")
ENDED = {
    "revoked": SIGNED_OUT,
    "expired": SIGNED_OUT,
    "deactivated": SIGNED_OUT,
    "deleted": SIGNED_OUT,
    "withdrawn": (4406, "no_consent"),
    "changed": SIGNED_OUT,
    "out": SIGNED_OUT,
}
GOING_ON = ["untouched", "elsewhere"]


@pytest.fixture(scope="module")
def sockets(site, jpeg: bytes) -> Iterator[dict[str, LiveSocket]]:
    """Connections of different people, all started, after something happened to most of them."""
    emails = [f"{name}@ends.example" for name in [*ENDED, "untouched"]]
    secrets = dict(zip([*ENDED, "untouched"], create_tokens(site, emails), strict=True))
    with ExitStack() as stack:
        browsers = {name: Visitor(site, f"{name}@ends.example") for name in ("changed", "out")}
        browsers["elsewhere"] = Visitor(site, "out@ends.example")
        sockets = {name: LiveSocket(site, token=secret) for name, secret in secrets.items() if name not in browsers}
        sockets |= {name: browser.connect() for name, browser in browsers.items()}
        for browser in browsers.values():
            stack.callback(browser.close)
        for socket in sockets.values():
            stack.enter_context(socket)
            socket.start(record=True)
            assert socket.is_answered(jpeg)
        site.shell(SHELL)
        browsers["out"].post("/accounts/logout/")
        yield sockets


@pytest.fixture(scope="module")
def ends(sockets: dict[str, LiveSocket]) -> dict[str, tuple[int, str]]:
    """How each ended, all of them in time."""
    since = time.monotonic()
    ends = {name: sockets[name].closed(SECONDS) for name in ENDED}
    assert time.monotonic() - since < SECONDS
    return ends


@pytest.mark.parametrize("name", ENDED)
def test_it_is_closed_when_the_sign_in_or_consent_ends(ends: dict[str, tuple[int, str]], name: str):
    assert ends[name] == ENDED[name]


@pytest.mark.parametrize("name", GOING_ON)
def test_other_connections_stay_open(ends, sockets: dict[str, LiveSocket], name: str, jpeg: bytes):
    assert sockets[name].is_answered(jpeg)
