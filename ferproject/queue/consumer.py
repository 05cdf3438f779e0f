"""How a worker holds on to its broker; only workers import this."""

from __future__ import annotations

from functools import partial
from typing import Any

from celery.worker.consumer import Consumer


class PromptConsumer(Consumer):
    """Comes back soon after its broker does: Celery's own waits grow to half a minute."""

    def ensure_connected(self, conn: Any) -> Any:
        conn.ensure_connection = partial(conn.ensure_connection, interval_max=4)
        return super().ensure_connected(conn)
