"""Two web processes share what a person may have open, and who writes a session."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from tests.analysis.live.test_recorded import saved_session
from tests.support.live_site import create_tokens
from tests.support.live_sockets import STOP, LiveSocket, frame_of
from tests.support.site import RunningSite

pytestmark = pytest.mark.slow
SOON = 4.0
"""Seconds until the other process has looked, saved what it has, and ended the session."""


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RunningSite]]:
    folder: Path = tmp_path_factory.mktemp("two")
    sites = [RunningSite(folder) for _ in range(2)]
    sites[0].start()
    sites[1].launch()
    yield sites
    for site in sites:
        site.stop()


def test_a_person_has_four_connections_in_all(sites: list[RunningSite]):
    (secret,) = create_tokens(sites[0], ["four@two.example"])
    with ExitStack() as stack:
        for site in (*sites, sites[0]):
            stack.enter_context(LiveSocket(site, token=secret)).start()
        with LiveSocket(sites[1], token=secret) as fourth:
            fourth.start()
            for site in sites:
                with LiveSocket(site, token=secret) as fifth:
                    assert fifth.closed() == (4429, "too_many_sessions")
        end = time.monotonic() + 10
        while not _starts(sites[0], secret):
            assert time.monotonic() < end, "the place of the closed connection is not free"


def _starts(site: RunningSite, secret: str) -> bool:
    with LiveSocket(site, token=secret) as socket, suppress(ConnectionClosed):
        return socket.request({"type": "start"})["type"] == "started"
    return False


def test_a_session_goes_on_in_the_other_process_and_is_written_by_one(sites: list[RunningSite], jpeg: bytes):
    (secret,) = create_tokens(sites[0], ["moves@two.example"])
    with LiveSocket(sites[0], token=secret) as first, LiveSocket(sites[1], token=secret) as second:
        session = first.start(record=True)["session"]
        assert first.is_answered(jpeg)
        # The network went, which the first process has not noticed.
        began = time.monotonic()
        assert second.request({"type": "start", "session": session})["session"] == session
        assert time.monotonic() - began < SOON
        assert first.closed() == (4409, "taken_over")
        assert [face["id"] for face in second.request(frame_of(jpeg))["faces"]] == [2]
        assert second.request(STOP)["session"] == session
    found = saved_session(sites[0], session)
    assert (found.frames, found.is_ended) == (2, True)
    assert [face for _, face, _, _ in found.samples] == [1, 2]


def test_a_session_survives_the_kill_of_its_process(sites: list[RunningSite], jpeg: bytes):
    (secret,) = create_tokens(sites[0], ["killed@two.example"])
    with LiveSocket(sites[0], token=secret) as first:
        session = first.start(record=True)["session"]
        assert first.is_answered(jpeg)
        sites[0].process.kill()
        assert first.closed()[0] == 1006
    with LiveSocket(sites[1], token=secret) as second:
        began = time.monotonic()
        assert second.request({"type": "start", "session": session})["session"] == session
        assert time.monotonic() - began < 1
        assert second.is_answered(jpeg)
        assert second.request(STOP)["saved"]
    sites[0].process.wait(10)
    sites[0].launch()
