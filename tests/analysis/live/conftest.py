"""A real site, people who may use it live, and somebody beside them who must not notice; or the consumer alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from analysis.live import connections as hubs
from analysis.live.consumers import LiveConsumer
from tests.support.live_inside import Client, Standing


@pytest.fixture
def hub(monkeypatch) -> hubs.LiveHub:
    """A hub of the test's own, that knows of consent without a database."""
    hub = hubs.LiveHub()
    for module in ("consumers", "connections"):
        monkeypatch.setattr(f"analysis.live.{module}.get_hub", lambda: hub)
        monkeypatch.setattr(f"analysis.live.{module}.people_consenting", set)
    monkeypatch.setattr("analysis.live.connections.LOOK_SECONDS", 0.05)
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
