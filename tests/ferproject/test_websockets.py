"""A WebSocket holds no more than a transport's buffer for whoever does not read, and not for long."""

from __future__ import annotations

import asyncio
import time

import pytest

from ferproject.server.websocket_limits import CLOGGED_SECONDS, BoundedWebSocket


@pytest.fixture
def websocket(monkeypatch: pytest.MonkeyPatch) -> BoundedWebSocket:
    monkeypatch.setattr("daphne.ws_protocol.WebSocketProtocol.check_timeouts", lambda self: None)
    websocket = BoundedWebSocket()
    websocket.last_ping = time.time()
    websocket.dropped = []
    monkeypatch.setattr(websocket, "dropConnection", lambda abort: websocket.dropped.append(abort))
    return websocket


def test_whoever_sends_waits_until_there_is_room(websocket: BoundedWebSocket):
    async def waits() -> tuple[bool, bool]:
        websocket.pauseProducing()
        sending = asyncio.create_task(websocket.drained())
        await asyncio.sleep(0.01)
        before = sending.done()
        websocket.resumeProducing()
        await asyncio.wait_for(sending, 1)
        return before, sending.done()

    assert asyncio.run(waits()) == (False, True)


def test_with_room_nobody_waits(websocket: BoundedWebSocket):
    asyncio.run(asyncio.wait_for(websocket.drained(), 1))


def test_who_does_not_read_for_long_is_dropped(websocket: BoundedWebSocket, monkeypatch: pytest.MonkeyPatch):
    websocket.pauseProducing()
    websocket.check_timeouts()
    assert websocket.dropped == []
    later = time.monotonic() + CLOGGED_SECONDS + 1
    monkeypatch.setattr("ferproject.server.websocket_limits.time.monotonic", lambda: later)
    websocket.check_timeouts()
    assert websocket.dropped == [True]


def test_who_reads_again_in_time_is_not(websocket: BoundedWebSocket, monkeypatch: pytest.MonkeyPatch):
    websocket.pauseProducing()
    websocket.resumeProducing()
    later = time.monotonic() + CLOGGED_SECONDS + 1
    monkeypatch.setattr("ferproject.server.websocket_limits.time.monotonic", lambda: later)
    websocket.check_timeouts()
    assert websocket.dropped == []


def test_a_message_sent_for_ever_keeps_no_ping_away(websocket: BoundedWebSocket):
    websocket._pinged_at = 5.0
    websocket.last_ping = time.time()  # as Daphne notes at each message
    websocket.check_timeouts()
    assert websocket.last_ping == 5.0
