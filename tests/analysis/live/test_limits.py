"""Limits of one client do not affect others."""

from __future__ import annotations

import socket as network
import struct
import threading
import time
from contextlib import suppress

import psutil
import pytest
from websockets.exceptions import ConnectionClosed

from analysis.live.base_consumer import RateLimiter
from tests.support.live_sockets import LiveSocket, frame_of

SOONEST = 8
"""Seconds: answers may be left unread for ten once nothing more fits in the buffers, and pings for eight."""


def test_a_flood_closes_the_connection_that_sends_it(site, ada: LiveSocket, jpeg: bytes, others_unaffected):
    ada.start()
    frame = frame_of(jpeg)

    def flood() -> None:
        try:
            for _ in range(5000):
                ada.socket.send(frame)
        except ConnectionClosed:
            pass

    before = psutil.Process(site.process.pid).memory_info().rss
    flooding = threading.Thread(target=flood)
    flooding.start()
    others_unaffected()
    assert ada.closed(20) == (1008, "flood")
    flooding.join()
    assert psutil.Process(site.process.pid).memory_info().rss - before < 50_000_000


def test_a_client_that_waits_for_answers_is_never_limited():
    limiter = RateLimiter(rate=1.0, burst=2.0)
    for _ in range(50):
        assert limiter.allows(now=0.0)
        limiter.refund()
    assert [limiter.allows(now=0.0) for _ in range(3)] == [True, True, False]


def test_a_burst_is_allowed(ada: LiveSocket, jpeg: bytes):
    ada.start()
    for number in range(100):
        ada.send(frame_of(jpeg, number))
    while ada.receive()["sequence"] != 99:
        pass


@pytest.mark.slow
def test_a_client_that_stops_reading_is_dropped_after_a_while(site, live_tokens, jpeg: bytes, others_unaffected):
    with network.socket() as deaf:
        deaf.setsockopt(network.SOL_SOCKET, network.SO_RCVBUF, 1024)
        deaf.settimeout(10)
        deaf.connect(("127.0.0.1", site.port))
        deaf.sendall(
            f"GET /ws/live/ HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Authorization: Token {live_tokens['ben']}\r\n\r\n".encode()
        )
        assert _read_until(deaf, b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")
        deaf.sendall(_masked(0x1, b'{"type": "start"}'))
        assert b'"type":"started"' in _read_until(deaf, b"}}")
        began = time.monotonic()
        with suppress(BrokenPipeError, ConnectionResetError):
            while time.monotonic() - began < 40:
                deaf.sendall(_masked(0x2, frame_of(jpeg)))
                others_unaffected()
                time.sleep(0.2)
        assert SOONEST < time.monotonic() - began < 30


def _read_until(socket: network.socket, end: bytes) -> bytes:
    """Byte for byte, so that nothing beyond is read."""
    read = b""
    while not read.endswith(end):
        byte = socket.recv(1)
        assert byte, read
        read += byte
    return read


def _masked(opcode: int, payload: bytes) -> bytes:
    """A client's frame, masked with zeros."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + struct.pack(">H", size)
    return bytes([0x80 | opcode]) + length + bytes(4) + payload
