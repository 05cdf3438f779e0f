"""Start directly after stop: each frame belongs to the start before it."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from analysis import engine
from analysis.recognition.recognizer import Recognizer
from tests.support.live_inside import Client
from tests.support.live_sockets import RECORD, START, STOP, LiveSocket, frame_of


class HeldEngine:
    """The engine, whose answers are held back until `release`."""

    def __init__(self) -> None:
        self._submit = engine.submit
        self._has_frame, self._may_go_on = asyncio.Event(), threading.Event()

    def submit(self, work: Callable[[Recognizer], str | None], **kwargs: Any) -> Future[str | None]:
        loop = asyncio.get_running_loop()

        def worked(recognizer: Recognizer) -> str | None:
            answer = work(recognizer)
            loop.call_soon_threadsafe(self._has_frame.set)
            self._may_go_on.wait(10)
            return answer

        return self._submit(worked, **kwargs)

    async def has_frame(self) -> None:
        await asyncio.wait_for(self._has_frame.wait(), 10)

    def release(self) -> None:
        self._may_go_on.set()


@pytest.fixture
def held(monkeypatch) -> Iterator[HeldEngine]:
    held = HeldEngine()
    monkeypatch.setattr(engine, "submit", held.submit)
    yield held
    held.release()


async def send(client: Client, *messages: dict[str, Any] | bytes) -> None:
    for message in messages:
        await client.send_message(message)


def brief(message: dict[str, Any]) -> tuple[Any, ...]:
    kind = message["type"]
    return kind, message["sequence"] if kind == "faces" else message.get("frames", message.get("code"))


def test_a_frame_after_the_start_waits_for_it(session, held: HeldEngine, jpeg: bytes):
    async def work(client: Client) -> None:
        await send(client, frame_of(jpeg, 1))
        await held.has_frame()
        await send(client, STOP, START, frame_of(jpeg, 2))
        held.release()
        heard = [brief(await client.receive_message()) for _ in range(4)]
        assert heard == [("faces", 1), ("stopped", 1), ("started", None), ("faces", 2)]

    session(work)


def test_a_frame_that_waits_at_the_stop_is_dropped_in_its_own_session(session, held: HeldEngine, jpeg: bytes):
    async def work(client: Client) -> None:
        await send(client, frame_of(jpeg, 1))
        await held.has_frame()
        await send(client, frame_of(jpeg, 2), STOP, START, frame_of(jpeg, 3), frame_of(jpeg, 4))
        held.release()
        heard = [await client.receive_message() for _ in range(4)]
        assert [brief(one) for one in heard] == [("faces", 1), ("stopped", 1), ("started", None), ("faces", 4)]
        assert (heard[1]["dropped"], heard[3]["dropped"]) == (1, 1)

    session(work)


def test_a_queued_start_survives_a_failed_message(session, jpeg: bytes):
    async def work(client: Client) -> None:
        await send(client, STOP, STOP, START, frame_of(jpeg, 1))
        heard = [brief(await client.receive_message()) for _ in range(3)]
        assert heard == [("stopped", 0), ("error", "not_started"), ("started", None)]
        assert brief(await client.receive_message()) == ("faces", 1)
        assert brief(await client.request(frame_of(jpeg, 2))) == ("faces", 2)

    session(work)


def test_unrecorded_frames_are_not_recorded_by_the_session_before(site, ada: LiveSocket, jpeg: bytes):
    """The sender never pauses, so that a frame is always worked on and another waits."""
    recorded = ada.request(RECORD)["session"]
    assert ada.is_answered(jpeg)
    for messages in (range(2, 50), (STOP, START), range(50, 100)):
        for message in messages:
            ada.send(frame_of(jpeg, message) if isinstance(message, int) else message)
    heard = [ada.receive()]
    while heard[-1].get("sequence") != 99:
        heard.append(ada.receive())
    kinds = [message["type"] for message in heard]
    stopped = kinds.index("stopped")
    assert kinds == ["faces"] * stopped + ["stopped", "started"] + ["faces"] * (len(kinds) - stopped - 2)
    assert all(message["sequence"] < 50 for message in heard[:stopped])
    assert all(message["sequence"] >= 50 for message in heard[stopped + 2 :])
    query = "select frames from analysis_session where id = ?"
    ((frames,),) = site.database.query(query, uuid.UUID(recorded).hex)
    assert frames == heard[stopped]["frames"] == stopped + 1
