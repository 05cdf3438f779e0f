"""What a live session keeps: seconds of faces, whatever happens to the connection."""

from __future__ import annotations

import json
import time

import pytest

from tests.live_site import create_tokens
from tests.live_sockets import RECORD, STOP, LiveSocket, frame_of

KEPT = """
import json
from analysis.models import HistorySum, Sample, Session
session = Session.objects.filter(pk={id!r}).first()
samples = list(Sample.objects.filter(session=session).values("second", "face", "frames", "model", "emotion"))
sums = HistorySum.objects.filter(source="live", owner_id=session and session.owner_id)
print(json.dumps({{"session": session and [session.frames, session.dropped, session.ended_at is not None],
    "samples": samples, "counted": sum(row.n for row in sums)}}))
"""


@pytest.fixture
def carol(site):
    """A secret of somebody's who has no history yet."""
    (secret,) = create_tokens(site, [f"carol{time.monotonic_ns()}@live.example"])
    return secret


def kept(site, session: str) -> dict:
    return json.loads(site.manage("shell", "--verbosity", "0", "-c", KEPT.format(id=session)))


def test_what_was_acknowledged_as_stopped_is_kept(site, carol: str, jpeg: bytes):
    with LiveSocket(site, token=carol) as socket:
        session = socket.start(record=True)["session"]
        began = time.monotonic()
        while time.monotonic() - began < 2.2:
            assert socket.is_answered(jpeg)
        stopped = socket.ask(STOP)
    found = kept(site, session)
    assert (stopped["session"], stopped["saved"]) == (session, True)
    assert found["session"] == [stopped["frames"], stopped["dropped"], True]
    assert [sample["second"] for sample in found["samples"]] == [0, 1, 2]
    assert {sample["face"] for sample in found["samples"]} == {1}
    assert {sample["model"] for sample in found["samples"]} == {"residual-1"}
    assert sum(sample["frames"] for sample in found["samples"]) == stopped["frames"]
    assert found["counted"] == 3


def test_a_session_without_a_frame_is_not_kept(site, carol: str):
    with LiveSocket(site, token=carol) as socket:
        session = socket.start(record=True)["session"]
        assert socket.ask(STOP)["session"] is None
    assert kept(site, session)["session"] is None


def test_without_recording_nothing_is_kept(site, carol: str, jpeg: bytes):
    with LiveSocket(site, token=carol) as socket:
        assert socket.start()["session"] is None
        assert socket.is_answered(jpeg)
        assert socket.ask(STOP)["session"] is None


def test_a_reconnect_goes_on_with_the_session(site, carol: str, jpeg: bytes):
    with LiveSocket(site, token=carol) as first:
        session = first.start(record=True)["session"]
        assert first.is_answered(jpeg)
        # The network went, which the server has not noticed yet.
        with LiveSocket(site, token=carol) as second:
            assert second.ask({**RECORD, "session": session})["session"] == session
            assert first.closed() == (4409, "taken_over")
            assert second.is_answered(jpeg)
            assert second.ask(STOP)["session"] == session
    found = kept(site, session)
    assert found["session"] == [2, 0, True]
    assert [sample["face"] for sample in found["samples"]] == [1, 2]


def test_a_restart_keeps_what_was_seen_and_the_page_goes_on(site, carol: str, jpeg: bytes):
    with LiveSocket(site, token=carol) as socket:
        session = socket.start(record=True)["session"]
        assert socket.is_answered(jpeg)
        site.process.terminate()
        assert socket.closed() == (1012, "restarting")
    site.process.wait(20)
    found = kept(site, session)
    assert found["session"] == [1, 0, True]
    assert len(found["samples"]) == 1
    site.launch()
    with LiveSocket(site, token=carol) as socket:
        assert socket.ask({"type": "start", "session": session.upper()})["session"] == session
        assert socket.ask(frame_of(jpeg))["type"] == "faces"
        socket.ask(STOP)
    assert kept(site, session)["session"] == [2, 0, True]


def test_a_client_that_vanishes_leaves_an_ended_session(site, carol: str, jpeg: bytes):
    with LiveSocket(site, token=carol) as socket:
        session = socket.start(record=True)["session"]
        assert socket.is_answered(jpeg)
    time.sleep(2.5)
    found = kept(site, session)
    assert found["session"] == [1, 0, True]
    assert len(found["samples"]) == 1
