"""The sockets' half of the matrix: every WebSocket address, asked by everybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from analysis.live.routing import websocket_urlpatterns
from tests.support.live_site import create_tokens
from tests.support.live_sockets import RECORD, STOP, LiveSocket
from tests.support.site import RunningSite

SOCKETS = {"ws/live/"}
"""Where signed-in people get in, and go on with sessions of their own alone."""
REVOKE = "from accounts.models import ApiToken; ApiToken.objects.filter(user__email='revoked@matrix.example').delete()"


@pytest.fixture(scope="module")
def secrets(site: RunningSite) -> dict[str, str]:
    names = ["owner", "other", "revoked"]
    found = dict(zip(names, create_tokens(site, [f"{name}@matrix.example" for name in names]), strict=True))
    site.shell(REVOKE)
    return found


@pytest.fixture
def owners_session(site: RunningSite, secrets: dict[str, str], path: str) -> Iterator[str]:
    with LiveSocket(site, token=secrets["owner"], path=path) as socket:
        yield socket.request(RECORD)["session"]
        # Nobody else has ended it or taken it over.
        assert socket.request(STOP)["type"] == "stopped"


def test_every_socket_is_asked():
    assert {str(pattern.pattern) for pattern in websocket_urlpatterns} == SOCKETS


@pytest.mark.parametrize("path", [f"/{path}" for path in SOCKETS])
class TestWhoGetsIn:
    def test_a_visitor_is_asked_to_sign_in(self, site: RunningSite, path: str):
        with LiveSocket(site, origin=site.url, path=path) as socket:
            assert socket.closed() == (4401, "not_signed_in")

    def test_a_revoked_token_signs_nobody_in(self, site: RunningSite, secrets: dict[str, str], path: str):
        with LiveSocket(site, token=secrets["revoked"], path=path) as socket:
            assert socket.closed() == (4401, "not_signed_in")

    @pytest.mark.parametrize("role", ["other", "staff"])
    def test_anothers_session_is_not_there(self, site: RunningSite, secrets, owners_session, path: str, role: str):
        secret = secrets.get(role) or create_tokens(site, [site.admin_email])[0]
        with LiveSocket(site, token=secret, path=path) as socket:
            socket.send({"type": "start", "session": owners_session})
            assert socket.closed() == (4404, "no_such_session")
