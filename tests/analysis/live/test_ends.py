"""An open connection ends within five seconds of what let it in."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.live_site import create_tokens
from tests.live_sockets import LiveSocket

SECONDS = 5
SHELL = """
import datetime
from accounts.models import ApiToken, User
from accounts.services import *
from accounts.tokens import revoke_token
from analysis.consents import withdraw_consent
from django.utils import timezone
user = User.objects.get(email={email!r})
token = ApiToken.objects.filter(user=user).first()
{deed}
"""
DEEDS = {
    "revoked": ("revoke_token(token=token)", (4401, "signed_out")),
    "expired": (
        "ApiToken.objects.filter(pk=token.pk).update(expiry=timezone.now() - datetime.timedelta(1))",
        (4401, "signed_out"),
    ),
    "deactivated": ("User.objects.filter(pk=user.pk).update(is_active=False)", (4401, "signed_out")),
    "deleted": ("user.delete()", (4401, "signed_out")),
    "consent withdrawn": ("withdraw_consent(user=user, purpose='camera')", (4406, "no_consent")),
}


@pytest.fixture
def email() -> str:
    return f"dan{time.monotonic_ns()}@live.example"


@pytest.fixture
def do(site, email: str) -> Callable[[str], float]:
    """Do something in another process; return when it was done."""

    def do(deed: str) -> float:
        site.manage("shell", "--verbosity", "0", "-c", SHELL.format(email=email, deed=deed))
        return time.monotonic()

    return do


def assert_ends(socket: LiveSocket, since: float, expected: tuple[int, str]) -> None:
    assert socket.closed(20) == expected
    assert time.monotonic() - since < SECONDS


@pytest.mark.parametrize(("deed", "expected"), DEEDS.values(), ids=DEEDS)
def test_a_token_let_in_by_what_is_over(site, email, do, jpeg: bytes, unharmed, deed: str, expected: tuple[int, str]):
    (secret,) = create_tokens(site, [email])
    with LiveSocket(site, token=secret) as socket:
        socket.start(record=True)
        assert socket.is_answered(jpeg)
        assert_ends(socket, do(deed), expected)


def test_a_signed_out_browser(site, email, sign_in, jpeg: bytes, unharmed):
    create_tokens(site, [email])
    visitor, elsewhere = sign_in(email), sign_in(email)
    with visitor.connect() as socket, elsewhere.connect() as other:
        for one in (socket, other):
            one.start()
            assert one.is_answered(jpeg)
        visitor.post("/accounts/logout/")
        assert_ends(socket, time.monotonic(), (4401, "signed_out"))
        assert other.is_answered(jpeg)


def test_a_changed_password_ends_every_browsers(site, email, sign_in, do, jpeg: bytes):
    create_tokens(site, [email])
    with sign_in(email).connect() as socket:
        socket.start()
        assert_ends(socket, do("user.set_password('another password'); user.save()"), (4401, "signed_out"))
