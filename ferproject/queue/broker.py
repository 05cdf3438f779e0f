"""Handing a task to the broker, which may be away: whoever sends keeps a row, and sweeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings


class BrokerAway(Exception):
    """The broker did not take the message; sending again later is safe."""


def send(task: str, *arguments: Any) -> None:
    """Send the task of that name, as in "training.tasks.train"; raise `BrokerAway` if the broker refuses it."""
    try:
        make_folders()
        current_app.send_task(task, args=arguments, retry=False)
    except Exception as error:  # each transport raises its own library's errors
        raise BrokerAway(f"The broker ({_where()}) takes no messages: {error}") from error


def make_folders() -> None:
    """The filesystem transport expects its folders to be there."""
    if settings.REDIS_URL:
        return
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    for name in ("data_folder_in", "control_folder"):
        Path(options[name]).mkdir(mode=0o700, parents=True, exist_ok=True)


def _where() -> str:
    # A Redis address may hold a password.
    return "Redis" if settings.REDIS_URL else str(settings.BROKER_DIR)
