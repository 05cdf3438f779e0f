"""A WebSocket buffers little for a client that does not read, and disconnects it."""

from __future__ import annotations

import asyncio
import time

import pytest

from ferproject.server.websockets import STALLED_SECONDS, BoundedWebSocket


@pytest.fixture
def websocket(monkeypatch: pytest.MonkeyPatch) -> BoundedWebSocket:
    monkeypatch.setattr("daphne.ws_protocol.WebSocketProtocol.check_timeouts", lambda self: None)
    websocket = BoundedWebSocket()
    websocket.last_ping = time.time()
    websocket.dropped = []
    monkeypatch.setattr(websocket, "dropConnection", lambda abort: websocket.dropped.append(abort))
    return websocket


def test_drain_waits_until_the_buffer_has_room(websocket: BoundedWebSocket):
    async def waits() -> tuple[bool, bool]:
        websocket.buffer.pauseProducing()
        sending = asyncio.create_task(websocket.drain())
        await asyncio.sleep(0.01)
        before = sending.done()
        websocket.buffer.resumeProducing()
        await asyncio.wait_for(sending, 1)
        return before, sending.done()

    assert asyncio.run(waits()) == (False, True)


def test_drain_does_not_wait_with_room(websocket: BoundedWebSocket):
    asyncio.run(asyncio.wait_for(websocket.drain(), 1))


def test_a_stalled_client_is_disconnected(websocket: BoundedWebSocket, monkeypatch: pytest.MonkeyPatch):
    websocket.buffer.pauseProducing()
    websocket.check_timeouts()
    assert websocket.dropped == []
    later = time.monotonic() + STALLED_SECONDS + 1
    monkeypatch.setattr("ferproject.server.websockets.time.monotonic", lambda: later)
    websocket.check_timeouts()
    assert websocket.dropped == [True]


def test_a_client_that_reads_in_time_is_not_disconnected(websocket: BoundedWebSocket, monkeypatch: pytest.MonkeyPatch):
    websocket.buffer.pauseProducing()
    websocket.buffer.resumeProducing()
    later = time.monotonic() + STALLED_SECONDS + 1
    monkeypatch.setattr("ferproject.server.websockets.time.monotonic", lambda: later)
    websocket.check_timeouts()
    assert websocket.dropped == []


def test_received_messages_do_not_delay_pings(websocket: BoundedWebSocket):
    websocket._pinged_at = 5.0
    websocket.last_ping = time.time()  # as Daphne notes at each message
    websocket.check_timeouts()
    assert websocket.last_ping == 5.0
