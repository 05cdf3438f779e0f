"""A locked database delays no frame and loses no sample."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

from tests.support.live_site import create_tokens
from tests.support.live_sockets import STOP, LiveSocket

SOON = 10
"""Seconds; a write would wait for twenty."""


def test_frames_are_answered_and_seconds_saved(site, ada: LiveSocket, jpeg: bytes):
    session = ada.start(record=True)["session"]
    with closing(sqlite3.connect(site.folder / "db.sqlite3", isolation_level=None)) as database:
        database.execute("begin immediate")
        began, slowest = time.monotonic(), 0.0
        while time.monotonic() - began < 4:
            asked = time.monotonic()
            assert ada.is_answered(jpeg)
            slowest = max(slowest, time.monotonic() - asked)
        ada.send(STOP)
        time.sleep(1)
        database.execute("rollback")
    stopped = ada.receive(30)
    assert slowest < 3
    assert (stopped["session"], stopped["saved"]) == (session, True)
    with closing(sqlite3.connect(site.folder / "db.sqlite3")) as database:
        query = "select sum(frames) from analysis_sample where session_id = ?"
        (frames,) = database.execute(query, [session.replace("-", "")]).fetchone()
    assert frames == stopped["frames"]


def last_use(site, email: str) -> str | None:
    with closing(sqlite3.connect(site.folder / "db.sqlite3")) as database:
        query = "select last_used_at from accounts_apitoken join accounts_user u on u.id = user_id where u.email = ?"
        return database.execute(query, [email]).fetchone()[0]


def test_clients_connect_and_the_next_use_of_their_tokens_is_saved(site, jpeg: bytes):
    emails = ["early@locked.example", "late@locked.example"]
    secrets = create_tokens(site, emails)
    with closing(sqlite3.connect(site.folder / "db.sqlite3", isolation_level=None)) as database:
        database.execute("begin immediate")
        began = time.monotonic()
        for secret in secrets:
            with LiveSocket(site, token=secret) as socket:
                socket.start()
                assert socket.is_answered(jpeg)
        assert time.monotonic() - began < SOON
        assert [last_use(site, email) for email in emails] == [None, None]
        database.execute("rollback")
    with LiveSocket(site, token=secrets[0]) as socket:
        socket.start()
    assert last_use(site, emails[0]) is not None
