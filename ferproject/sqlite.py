"""Helpers for SQLite."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection, connections
from django.db.backends.signals import connection_created


class HeldDatabase:
    """Keeps one idle connection to a database file open.

    The last connection that closes deletes the write-ahead log and the shared memory; where the disk is full, the next
    one could not create them, and not even read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._held: sqlite3.Connection | None = None
        self._inode = 0

    def hold(self, **kwargs: Any) -> None:
        """Open the connection, again if the file was replaced; a receiver of `connection_created`."""
        # Whoever opened the connection has its own error.
        with self._lock, suppress(OSError, sqlite3.Error):
            inode = self._path.stat().st_ino
            if self._held is not None and inode == self._inode:
                return
            held = sqlite3.connect(existing_file_uri(self._path), uri=True, check_same_thread=False)
            # Reading opens the files.
            with closing(held.execute("SELECT count(*) FROM sqlite_master")) as cursor:
                cursor.fetchall()
            if self._held is not None:
                self._held.close()
            self._held, self._inode = held, inode


def existing_file_uri(path: Path) -> str:
    """Return the URI by which SQLite opens a file and does not create a missing one."""
    return f"file:{quote(os.fspath(path))}?mode=rw"


def serve_existing_database() -> None:
    """Hold the database open, and make this process fail, instead of creating an empty one, where it is missing.

    For processes that serve, before their first query; does nothing on other databases.
    """
    settings = connections.settings["default"]
    if connection.vendor != "sqlite":
        return
    held = HeldDatabase(Path(settings["NAME"]))
    settings["NAME"] = existing_file_uri(Path(settings["NAME"]))
    connection_created.connect(held.hold, weak=False)
    held.hold()
