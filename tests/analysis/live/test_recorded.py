"""What is saved of a recorded session, also after lost connections."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.support.live_site import create_tokens
from tests.support.live_sockets import RECORD, STOP, LiveSocket, frame_of
from tests.support.shipped import DEFAULT


@dataclass(frozen=True)
class SavedSession:
    """What the site's database holds of one session."""

    frames: int
    dropped: int
    is_ended: bool
    samples: list[tuple[int, int, int, str]]
    """Second, face, frames, model."""
    counted: int
    """Seconds in the owner's history."""


@pytest.fixture(scope="module")
def secrets(site) -> Iterator[str]:
    """Tokens of people who have no history yet."""
    return iter(create_tokens(site, [f"carol{number}@live.example" for number in range(9)]))


@pytest.fixture
def carol(secrets: Iterator[str]) -> str:
    return next(secrets)


def saved_session(site, session: str) -> SavedSession | None:
    query, key = site.database.query, uuid.UUID(session).hex
    rows = query("select frames, dropped, ended_at is not null, owner_id from analysis_session where id = ?", key)
    if not rows:
        return None
    ((frames, dropped, ended, owner_id),) = rows
    samples = query(
        "select second, face, frames, model from analysis_sample where session_id = ? order by second, face", key
    )
    ((counted,),) = query(
        "select coalesce(sum(n), 0) from analysis_historysum where source = 'live' and owner_id = ?", owner_id
    )
    return SavedSession(frames, dropped, bool(ended), samples, counted)


def test_a_stopped_session_is_saved(site, carol: str, jpeg: bytes):
    with LiveSocket(site, token=carol) as socket:
        session = socket.start(record=True)["session"]
        began = time.monotonic()
        while time.monotonic() - began < 2.2:
            assert socket.is_answered(jpeg)
        stopped = socket.request(STOP)
    found = saved_session(site, session)
    assert (stopped["session"], stopped["saved"]) == (session, True)
    assert (found.frames, found.dropped, found.is_ended) == (stopped["frames"], stopped["dropped"], True)
    assert [second for second, _, _, _ in found.samples] == [0, 1, 2]
    assert {(face, model) for _, face, _, model in found.samples} == {(1, DEFAULT)}
    assert sum(frames for _, _, frames, _ in found.samples) == stopped["frames"]
    assert found.counted == 3


def test_a_session_without_a_frame_is_not_saved(site, carol: str):
    with LiveSocket(site, token=carol) as socket:
        session = socket.start(record=True)["session"]
        assert socket.request(STOP)["session"] is None
    assert saved_session(site, session) is None


def test_without_recording_nothing_is_saved(site, carol: str, jpeg: bytes):
    with LiveSocket(site, token=carol) as socket:
        assert socket.start()["session"] is None
        assert socket.is_answered(jpeg)
        assert socket.request(STOP)["session"] is None


def compact(session: str) -> str:
    return session.replace("-", "")


def urn(session: str) -> str:
    return f"urn:uuid:{session}"


@pytest.mark.parametrize("written", [str, str.upper, compact, urn])
def test_a_reconnect_resumes_the_session(site, carol: str, jpeg: bytes, written: Callable[[str], str]):
    """However its id is written."""
    with LiveSocket(site, token=carol) as first:
        session = first.start(record=True)["session"]
        assert first.is_answered(jpeg)
        # The network went, which the server has not noticed yet.
        with LiveSocket(site, token=carol) as second:
            assert second.request({**RECORD, "session": written(session)})["session"] == session
            assert first.closed() == (4409, "taken_over")
            assert [face["id"] for face in second.request(frame_of(jpeg))["faces"]] == [2]
            assert second.request(STOP)["session"] == session
    found = saved_session(site, session)
    assert (found.frames, found.is_ended) == (2, True)
    assert [face for _, face, _, _ in found.samples] == [1, 2]


def test_a_restart_saves_the_samples_and_the_session_is_resumed(site, carol: str, jpeg: bytes):
    with LiveSocket(site, token=carol) as socket:
        session = socket.start(record=True)["session"]
        assert socket.is_answered(jpeg)
        site.process.terminate()
        assert socket.closed() == (1012, "restarting")
    site.process.wait(20)
    found = saved_session(site, session)
    assert (found.frames, found.is_ended, len(found.samples)) == (1, True, 1)
    site.launch()
    with LiveSocket(site, token=carol) as socket:
        assert socket.request({"type": "start", "session": session.upper()})["session"] == session
        assert socket.request(frame_of(jpeg))["type"] == "faces"
        socket.request(STOP)
    assert saved_session(site, session).frames == 2


def test_a_lost_client_leaves_an_ended_session(site, carol: str, jpeg: bytes):
    with LiveSocket(site, token=carol) as socket:
        session = socket.start(record=True)["session"]
        assert socket.is_answered(jpeg)
    time.sleep(2.5)
    found = saved_session(site, session)
    assert (found.frames, found.is_ended, len(found.samples)) == (1, True, 1)
