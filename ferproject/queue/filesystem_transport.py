"""Celery's filesystem transport, for a folder that may be missing or hold a half-written message."""

from __future__ import annotations

import logging
from queue import Empty
from typing import Any

from kombu.transport import filesystem

from ferproject.queue.broker import make_folders

logger = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """Reads no message while the folder is missing; kombu's own ends the worker, and a training with it."""

    def _get(self, queue: str) -> Any:
        try:
            return super()._get(queue)
        except OSError:
            raise Empty from None
        except ValueError:
            # Read before it was written whole; the sweep sends it again.
            logger.warning("A message of the queue %s was unreadable and is dropped", queue)
            raise Empty from None


class Transport(filesystem.Transport):
    """Treats a missing folder as a lost connection, so that a worker reconnects."""

    Channel = Channel
    connection_errors = (*filesystem.Transport.connection_errors, OSError)

    def establish_connection(self) -> Any:
        make_folders()
        return super().establish_connection()
