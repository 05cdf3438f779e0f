"""Celery's filesystem transport, for a folder that may be away or hold a message half written."""

from __future__ import annotations

import logging
from queue import Empty
from typing import Any

from kombu.transport import filesystem

from ferproject.queue.broker import make_folders

logger = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """A worker outlives its broker's absence: kombu's own would end, and a training with it."""

    def _get(self, queue: str) -> Any:
        try:
            return super()._get(queue)
        except OSError:
            raise Empty from None
        except ValueError:
            # Taken before it was written whole; its row brings it along again.
            logger.warning("A message of the queue %s was unreadable and is dropped", queue)
            raise Empty from None


class Transport(filesystem.Transport):
    """To a worker a folder that cannot be had is a lost connection, which it tries to make again."""

    Channel = Channel
    connection_errors = (*filesystem.Transport.connection_errors, OSError)

    def establish_connection(self) -> Any:
        make_folders()
        return super().establish_connection()
