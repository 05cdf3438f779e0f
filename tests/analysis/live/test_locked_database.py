"""A database that somebody else holds keeps no frame waiting, and loses no second."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

from tests.live_sockets import STOP, LiveSocket


def test_frames_are_answered_and_seconds_kept(site, ada: LiveSocket, jpeg: bytes):
    session = ada.start(record=True)["session"]
    with closing(sqlite3.connect(site.folder / "db.sqlite3", isolation_level=None)) as database:
        database.execute("begin immediate")
        began, slowest = time.monotonic(), 0.0
        while time.monotonic() - began < 4:
            asked = time.monotonic()
            assert ada.is_answered(jpeg)
            slowest = max(slowest, time.monotonic() - asked)
        ada.say(STOP)
        time.sleep(1)
        database.execute("rollback")
    stopped = ada.hear(30)
    assert slowest < 3
    assert (stopped["session"], stopped["saved"]) == (session, True)
    with closing(sqlite3.connect(site.folder / "db.sqlite3")) as database:
        query = "select sum(frames) from analysis_sample where session_id = ?"
        (frames,) = database.execute(query, [session.replace("-", "")]).fetchone()
    assert frames == stopped["frames"]
