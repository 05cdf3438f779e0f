"""Fixtures of the tests of live connections: a running site, or the consumer alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from analysis.live.connections import ConnectionRegistry
from analysis.live.consumers import LiveConsumer
from tests.support.live_inside import Client, ValidSignIn


@pytest.fixture
def registry(monkeypatch) -> ConnectionRegistry:
    """A registry for the test, in which every user consents; no database."""
    registry = ConnectionRegistry()
    for module in ("consumers", "connections"):
        monkeypatch.setattr(f"analysis.live.{module}.get_registry", lambda: registry)
        monkeypatch.setattr(f"analysis.live.{module}.consenting_users", set)
    monkeypatch.setattr("analysis.live.connections.POLL_SECONDS", 0.05)
    for write in ("open_connection", "renew_connections", "close_connections"):
        monkeypatch.setattr(f"analysis.live.services.{write}", lambda **values: True)
    return registry


@pytest.fixture
def session(registry) -> Callable[[Callable[[Client], Awaitable[None]]], None]:
    """Run `work` with a started connection."""

    def session(work: Callable[[Client], Awaitable[None]]) -> None:
        async def run() -> None:
            client = Client(LiveConsumer.as_asgi(), "/ws/live/")
            client.scope["sign_in"] = ValidSignIn()
            assert (await client.connect())[0]
            assert (await client.request({"type": "start"}))["type"] == "started"
            await work(client)
            await client.disconnect()
            await registry.stop()

        asyncio.run(run())

    return session
