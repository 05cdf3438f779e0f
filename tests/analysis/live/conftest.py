"""A real site, people who may use it live, and somebody beside them who must not notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.live_site import create_tokens
from tests.live_sockets import LiveSocket, live_jpeg
from tests.site import RunningSite


@pytest.fixture(scope="session")
def jpeg(hopper: bytes) -> bytes:
    return live_jpeg(hopper)


@pytest.fixture(scope="session")
def live_tokens(site: RunningSite) -> dict[str, str]:
    """Secrets of people's tokens, by name."""
    names = ["ada", "ben", "neighbour"]
    return dict(zip(names, create_tokens(site, [f"{name}@live.example" for name in names]), strict=True))


@pytest.fixture
def ada(site: RunningSite, live_tokens: dict[str, str]) -> Iterator[LiveSocket]:
    with LiveSocket(site, token=live_tokens["ada"]) as socket:
        yield socket


@pytest.fixture
def unharmed(site: RunningSite, live_tokens: dict[str, str], jpeg: bytes) -> Iterator[Callable[[], None]]:
    """Somebody else's session, which goes on being answered; looked at again at the test's end."""
    with LiveSocket(site, token=live_tokens["neighbour"]) as socket:
        socket.start()

        def look() -> None:
            assert socket.is_answered(jpeg)

        look()
        yield look
        look()
