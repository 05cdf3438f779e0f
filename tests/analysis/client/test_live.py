"""The client sends and awaits what the protocol says, and reports errors."""

from __future__ import annotations

import asyncio
import json
import struct
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.sync.server import ServerConnection as SyncServerConnection
from websockets.sync.server import serve as socket_server

from analysis.client import AsyncLive, Client, LiveAnswer, LiveError
from analysis.client import asynchronous_live as live
from analysis.client.asynchronous_live import connect_live
from analysis.client.live_messages import websocket_url
from analysis.live_client.stream import tracked_face

STARTED = {"type": "started", "session": None, "model": "residual-1"}
STOPPED = {"type": "stopped", "session": None}
FACE = {
    "id": 7,
    "box": [10.0, 20.0, 30.0, 40.0],
    "probabilities": [0.0, 0.0, 0.0, 0.9, 0.0, 0.0, 0.1],
    "emotion": "happy",
    "confidence": 0.9,
    "is_uncertain": True,
    "doubts": ["small"],
}


def faces(sequence: int, *found: dict[str, Any]) -> dict[str, Any]:
    times = {"queue": 1, "decode": 1, "detect": 4, "classify": 2}
    return {"type": "faces", "sequence": sequence, "faces": list(found), "dropped": 3, "milliseconds": times}


def with_server(
    handler: Callable[[ServerConnection], Awaitable[None]], use: Callable[[AsyncLive], Awaitable[Any]]
) -> Any:
    """Return what `use` does with a client of a server that does what `handler` does."""

    async def both() -> Any:
        async with serve(handler, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with connect_live(f"http://127.0.0.1:{port}", "fer_secret") as client:
                return await use(client)

    return asyncio.run(both())


async def say(socket: ServerConnection, *messages: dict[str, Any]) -> None:
    for message in messages:
        await socket.send(json.dumps(message))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8000", "ws://127.0.0.1:8000/ws/live/"),
        ("https://faces.example.org", "wss://faces.example.org/ws/live/"),
        ("ws://localhost:8000/", "ws://localhost:8000/ws/live/"),
        ("wss://faces.example.org/ws/live/", "wss://faces.example.org/ws/live/"),
        ("https://example.org/faces/", "wss://example.org/faces/ws/live/"),
        ("http://[::1]:8000", "ws://[::1]:8000/ws/live/"),
    ],
)
def test_any_url_of_a_site_leads_to_its_live_connection(url: str, address: str):
    assert websocket_url(url) == address


@pytest.mark.parametrize("url", ["", "faces.example.org", "ftp://example.org", "http://", "http://a:b", "http://[::1"])
def test_an_invalid_url_is_an_error(url: str):
    with pytest.raises(LiveError, match=r"url: expected http\(s\)://host\[:port\].*; got "):
        websocket_url(url)


def test_it_sends_its_token_and_no_origin_and_starts():
    heard: list[Any] = []

    async def server(socket: ServerConnection) -> None:
        assert socket.request is not None
        heard.append((socket.request.path, socket.request.headers["Authorization"], "Origin" in socket.request.headers))
        heard.append(json.loads(await socket.recv()))
        await say(socket, STARTED | {"session": "abc"})

    async def use(client: AsyncLive) -> tuple[str, str | None]:
        await client.start(smoothing=0.3, record=True, session="abc")
        return client.model, client.session

    assert with_server(server, use) == ("residual-1", "abc")
    assert heard == [
        ("/ws/live/", "Token fer_secret", False),
        {"type": "start", "smoothing": 0.3, "record": True, "session": "abc"},
    ]


async def echo(socket: ServerConnection) -> None:
    """Answer every frame, with the number that it begins with."""
    await socket.recv()
    await say(socket, STARTED)
    async for message in socket:
        if isinstance(message, str):
            await say(socket, STOPPED)
            return
        await say(socket, faces(struct.unpack(">I", message[:4])[0], FACE))


def test_frames_are_numbered_and_answers_carry_faces():
    async def use(client: AsyncLive) -> list[LiveAnswer]:
        await client.start()
        assert [await client.send(b"\xff\xd8\xff") for _ in range(2)] == [0, 1]
        await client.stop()
        return [answer async for answer in client.answers()]

    first, second = with_server(echo, use)
    assert (first.sequence, second.sequence, second.dropped) == (0, 1, 3)
    assert 0 < first.round_trip < 5
    assert second.faces == [FACE]
    face = tracked_face(second.faces[0])
    assert (face.id, face.emotion, face.confidence, face.warnings) == (7, "happy", 0.9, ("small",))
    assert (face.box.x, face.box.y, face.box.width, face.box.height) == (10, 20, 30, 40)


async def only_the_second(socket: ServerConnection) -> None:
    await socket.recv()
    await say(socket, STARTED)
    await socket.recv()
    await socket.recv()
    await say(socket, faces(1))
    await socket.wait_closed()


def test_a_dropped_frame_is_no_longer_awaited():
    async def use(client: AsyncLive) -> list[int]:
        await client.start()
        await client.send(b"")
        await client.send(b"")
        waiting = [client.unanswered]
        await anext(client.answers())
        return [*waiting, client.unanswered]

    assert with_server(only_the_second, use) == [2, 0]


def test_a_frame_is_awaited_for_a_limited_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live, "ANSWER_SECONDS", 0.05)

    async def use(client: AsyncLive) -> list[int]:
        await client.start()
        await client.send(b"")
        waiting = [client.unanswered]
        await asyncio.sleep(0.1)
        return [*waiting, client.unanswered]

    assert with_server(only_the_second, use) == [1, 0]


def test_one_frame_is_asked_about_at_a_time_and_a_bad_one_is_an_error():
    async def server(socket: ServerConnection) -> None:
        await socket.recv()
        await say(socket, STARTED)
        await socket.recv()
        await say(socket, faces(0, FACE))
        await socket.recv()
        await say(socket, {"type": "error", "sequence": 1, "code": "bad_frame", "message": "No JPEG."})

    async def use(client: AsyncLive) -> tuple[list[Any], int]:
        await client.start()
        answer = await client.analyse(b"")
        with pytest.raises(LiveError, match="No JPEG") as caught:
            await client.analyse(b"")
        return [answer.faces, caught.value.code], client.unanswered

    assert with_server(server, use) == ([[FACE], "bad_frame"], 0)


def test_a_bad_frame_sets_the_error_and_the_stream_continues():
    async def server(socket: ServerConnection) -> None:
        await socket.recv()
        await say(socket, STARTED)
        await say(socket, {"type": "error", "sequence": 0, "code": "bad_frame", "message": "No JPEG."}, STOPPED)

    async def use(client: AsyncLive) -> tuple[list[LiveAnswer], str | None, int]:
        await client.start()
        await client.send(b"")
        return [answer async for answer in client.answers()], client.error, client.unanswered

    assert with_server(server, use) == ([], "No JPEG.", 0)


@pytest.mark.parametrize("code", [4401, 4429, 4406, 1008, 1012])
def test_a_refusal_is_an_error_with_code_and_reason(code: int):
    async def server(socket: ServerConnection) -> None:
        await say(socket, {"type": "error", "code": "some", "message": "That is why."})
        await socket.close(code)

    with pytest.raises(LiveError, match=rf"closed the connection \({code}\): That is why\.") as refusal:
        with_server(server, lambda client: client.start())
    assert (refusal.value.code, refusal.value.close_code, refusal.value.retryable) == ("some", code, code == 1012)


def test_a_start_refused_without_closing_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live, "REFUSAL_SECONDS", 0.05)

    async def server(socket: ServerConnection) -> None:
        await say(socket, {"type": "error", "code": "read_only", "message": "This token may only read."})
        await socket.wait_closed()

    with pytest.raises(LiveError, match=r"refused to start: This token may only read\."):
        with_server(server, lambda client: client.start(record=True))


def test_a_lost_connection_is_an_error():
    async def server(socket: ServerConnection) -> None:
        await socket.recv()
        await say(socket, STARTED)
        socket.transport.abort()

    async def use(client: AsyncLive) -> None:
        await client.start()
        async for _ in client.answers():
            pass

    with pytest.raises(LiveError, match="connection to the server was lost") as lost:
        with_server(server, use)
    assert (lost.value.code, lost.value.close_code, lost.value.retryable) == ("connection_lost", None, True)


def test_without_asyncio_it_is_the_same():
    with socket_server(echo_once, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever).start()
        port = server.socket.getsockname()[1]
        with Client(f"http://127.0.0.1:{port}", "fer_secret") as site, site.live() as client:
            client.start()
            assert client.analyse(b"").faces == [FACE]
            client.stop()
            assert list(client.answers()) == []
            with pytest.raises(LiveError) as closed:
                client.analyse(b"")
        server.shutdown()
    assert closed.value.close_code == 1000


def echo_once(socket: SyncServerConnection) -> None:
    for answer in (STARTED, faces(0, FACE), STOPPED):
        socket.recv()
        socket.send(json.dumps(answer))


def test_an_unreachable_server_is_an_error():
    async def use() -> None:
        async with connect_live("http://127.0.0.1:9", "fer_secret"):
            pass

    with pytest.raises(LiveError, match=r"ws://127\.0\.0\.1:9/ws/live/: no server can be reached there"):
        asyncio.run(use())


def test_a_url_of_another_service_is_an_error():
    async def use() -> None:
        async with serve(echo, "127.0.0.1", 0, process_request=lambda socket, _: socket.respond(404, "")) as server:
            url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            await connect_live(url, "fer_secret").__aenter__()

    with pytest.raises(LiveError, match="HTTP status 404 came back"):
        asyncio.run(use())
