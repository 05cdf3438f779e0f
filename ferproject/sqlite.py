"""Helpers for SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

SHORT_BUSY_TIMEOUT_MS = 100


@contextmanager
def short_busy_timeout() -> Iterator[None]:
    """Wait for SQLite's locks for `SHORT_BUSY_TIMEOUT_MS` only: for writes that may be skipped or retried later.

    Does nothing on other databases.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        timeout = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {SHORT_BUSY_TIMEOUT_MS}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {timeout}")
