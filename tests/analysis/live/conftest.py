"""A real site, people who may use it live, and somebody beside them who must not notice; or the consumer alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest

from analysis.live import hub as hubs
from analysis.live.consumers import LiveConsumer
from tests.live_inside import Client, Standing
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


@pytest.fixture
def hub(monkeypatch) -> hubs.LiveHub:
    """A hub of the test's own, that knows of consent without a database."""
    hub = hubs.LiveHub()
    for module in ("consumers", "hub"):
        monkeypatch.setattr(f"analysis.live.{module}.get_hub", lambda: hub)
        monkeypatch.setattr(f"analysis.live.{module}.people_consenting", set)
    monkeypatch.setattr("analysis.live.hub.LOOK_SECONDS", 0.05)
    return hub


@pytest.fixture
def session(hub) -> Callable[[Callable[[Client], Awaitable[None]]], None]:
    """Do something with a started connection."""

    def session(work: Callable[[Client], Awaitable[None]]) -> None:
        async def run() -> None:
            client = Client(LiveConsumer.as_asgi(), "/ws/live/")
            client.scope["sign_in"] = Standing()
            assert (await client.connect())[0]
            assert (await client.ask({"type": "start"}))["type"] == "started"
            await work(client)
            await client.disconnect()
            await hub.stop()

        asyncio.run(run())

    return session
