"""A worker's connection to its broker; imported by workers only."""

from __future__ import annotations

from functools import partial
from typing import Any

from celery.worker.consumer import Consumer


class PromptConsumer(Consumer):
    """Reconnects within 4 seconds of the broker's return; Celery's own waits grow to half a minute."""

    def ensure_connected(self, conn: Any) -> Any:
        conn.ensure_connection = partial(conn.ensure_connection, interval_max=4)
        return super().ensure_connected(conn)
