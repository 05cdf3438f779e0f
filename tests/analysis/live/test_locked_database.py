"""A locked database delays no frame and loses no sample."""

from __future__ import annotations

import time

from tests.support.live_site import create_tokens
from tests.support.live_sockets import STOP, LiveSocket

SOON = 10
"""Seconds; a write would wait for twenty."""


def test_frames_are_answered_and_seconds_saved(site, ada: LiveSocket, jpeg: bytes):
    session = ada.start(record=True)["session"]
    with site.database.locked():
        began, slowest = time.monotonic(), 0.0
        while time.monotonic() - began < 4:
            asked = time.monotonic()
            assert ada.is_answered(jpeg)
            slowest = max(slowest, time.monotonic() - asked)
        ada.send(STOP)
        time.sleep(1)
    stopped = ada.receive(30)
    assert slowest < 3
    assert (stopped["session"], stopped["saved"]) == (session, True)
    query = "select sum(frames) from analysis_sample where session_id = ?"
    ((frames,),) = site.database.query(query, session.replace("-", ""))
    assert frames == stopped["frames"]


def last_use(site, email: str) -> str | None:
    query = "select last_used_at from accounts_apitoken join accounts_user u on u.id = user_id where u.email = ?"
    return site.database.query(query, email)[0][0]


def test_clients_connect_and_the_next_use_of_their_tokens_is_saved(site, jpeg: bytes):
    emails = ["early@locked.example", "late@locked.example"]
    secrets = create_tokens(site, emails)
    with site.database.locked():
        began = time.monotonic()
        for secret in secrets:
            with LiveSocket(site, token=secret) as socket:
                socket.start()
                assert socket.is_answered(jpeg)
        assert time.monotonic() - began < SOON
        assert [last_use(site, email) for email in emails] == [None, None]
    with LiveSocket(site, token=secrets[0]) as socket:
        socket.start()
    assert last_use(site, emails[0]) is not None
