"""What SQLite alone needs to be told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

BRIEFLY_MS = 100


@contextmanager
def waiting_briefly() -> Iterator[None]:
    """Have SQLite give up after `BRIEFLY_MS` on what somebody else holds, instead of waiting as the settings say.

    For what can be done later, or left undone, and must keep nobody waiting meanwhile. Other databases do as ever.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        usual = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {BRIEFLY_MS}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")
