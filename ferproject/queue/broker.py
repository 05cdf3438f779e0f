"""Sending Celery tasks. The broker may be away or lose messages; see `leases` for how they are sent again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings

from ferproject.storage_errors import require_writable


class BrokerAway(Exception):
    """The broker refused the message; sending it again later is safe."""


def send(task: str, *arguments: Any) -> None:
    """Send a task by name, such as "training.tasks.train"; raise `BrokerAway`."""
    try:
        make_folders()
        current_app.send_task(task, args=arguments, retry=False)
    except Exception as error:  # each transport raises its own library's errors
        # A Redis address may hold a password.
        where = "Redis" if settings.REDIS_URL else settings.BROKER_DIR
        raise BrokerAway(f"The broker ({where}) takes no messages: {error}") from error


def check_broker() -> None:
    """Raise an `OSError`, or an exception of Redis' library, where the broker does not answer."""
    if not settings.REDIS_URL:
        require_writable(Path(settings.BROKER_DIR))
        return
    with current_app.connection_for_write(connect_timeout=2) as connection:
        connection.connect()


def make_folders() -> None:
    """Create the folders that the filesystem transport expects."""
    if settings.REDIS_URL:
        return
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    for name in ("data_folder_in", "control_folder"):
        Path(options[name]).mkdir(mode=0o700, parents=True, exist_ok=True)
