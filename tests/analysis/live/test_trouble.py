"""Server errors, a busy engine and idle connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from analysis import engine
from analysis.live.consumers import LiveConsumer
from analysis.recognition.errors import RecognitionError
from tests.support.live_inside import Client, ValidSignIn
from tests.support.live_sockets import frame_of


def failing(error: BaseException) -> Callable[[Any], Future[Any]]:
    def submit(work: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(error)
        return future

    return submit


def test_a_corrupt_model_is_reported_for_each_frame(session, monkeypatch, jpeg: bytes):
    monkeypatch.setattr(engine, "submit", failing(RecognitionError("model_corrupt", "expected SHA-256 ...")))

    async def work(client: Client) -> None:
        for _ in range(5):
            assert (await client.request(frame_of(jpeg)))["code"] == "model_corrupt"

    session(work)


def test_a_missing_detector_is_reported_at_the_start(registry, settings, monkeypatch, jpeg: bytes):
    """Any number of times; it is not the client's fault."""
    monkeypatch.delenv("YUNET_MODEL", raising=False)
    own = engine.Engine(store=settings.MODELS_STORE, detector="yunet", threads=1, queue=1, max_pixels=10**6)
    monkeypatch.setattr(engine, "get_engine", lambda: own)

    async def work() -> None:
        client = Client(LiveConsumer.as_asgi(), "/ws/live/")
        client.scope["sign_in"] = ValidSignIn()
        await client.connect()
        for _ in range(4):
            answer = await client.request({"type": "start"})
            assert (answer["type"], answer["code"]) == ("error", "detector_missing")
        assert (await client.request(frame_of(jpeg)))["code"] == "not_started"
        own._detector = "centerface"
        assert (await client.request({"type": "start"}))["type"] == "started"
        assert (await client.request(frame_of(jpeg)))["type"] == "faces"
        await client.disconnect()
        await registry.stop()

    asyncio.run(work())


def test_an_exception_is_logged_and_closes_the_connection(session, monkeypatch, jpeg: bytes, caplog):
    monkeypatch.setattr(engine, "submit", failing(ZeroDivisionError("a bug")))

    async def work(client: Client) -> None:
        assert (await client.request(frame_of(jpeg)))["code"] == "failed"
        assert (await client.receive_message())["code"] == 1011

    session(work)
    assert "a bug" in caplog.text


def test_a_frame_waits_while_the_engine_is_busy(session, monkeypatch, jpeg: bytes):
    submit, refusals = engine.submit, iter(range(3))

    def busy(work: Any, **kwargs: Any) -> Future[Any]:
        if next(refusals, None) is not None:
            raise RecognitionError("busy", "Many photos are being analysed just now.", retryable=True)
        return submit(work, **kwargs)

    monkeypatch.setattr(engine, "submit", busy)

    async def work(client: Client) -> None:
        answer = await client.request(frame_of(jpeg, 8))
        assert (answer["type"], answer["sequence"], answer["dropped"]) == ("faces", 8, 0)

    session(work)
    assert next(refusals, None) is None


def test_a_connection_without_frames_is_closed(session, monkeypatch):
    async def work(client: Client) -> None:
        monkeypatch.setattr("analysis.live.connections.IDLE_SECONDS", 0.1)
        assert (await client.receive_message())["code"] == "idle"
        assert (await client.receive_message())["code"] == 4408

    session(work)


def test_connections_stay_open_while_sign_ins_cannot_be_checked(session, monkeypatch, jpeg: bytes, caplog):
    monkeypatch.setattr("analysis.live.connections.valid_sign_ins", lambda sign_ins: 1 / 0)

    async def work(client: Client) -> None:
        await asyncio.sleep(0.3)
        assert (await client.request(frame_of(jpeg)))["type"] == "faces"

    session(work)
    assert caplog.text.count("could not be looked up") == 1


def test_a_stopping_server_refuses_connections(session, registry):
    async def work(client: Client) -> None:
        await registry.stop()
        assert (await client.receive_message())["code"] == "restarting"
        assert (await client.receive_message())["code"] == 1012
        late = Client(LiveConsumer.as_asgi(), "/ws/live/")
        late.scope["sign_in"] = ValidSignIn()
        await late.connect()
        assert (await late.receive_message())["code"] == "restarting"
        await late.disconnect()

    session(work)


def test_too_many_texts_at_once_are_bad_messages(session):
    async def work(client: Client) -> None:
        for _ in range(20):
            await client.send_to(text_data='{"type": "set", "smoothing": 0.5}')
        assert (await client.receive_message())["code"] == "bad_message"

    session(work)
