"""Regular work of each Celery worker, on a thread: putting lost rows back and deleting old ones.

An app registers a function in its `AppConfig.ready`. Each worker calls all of them at its start and then every
`settings.SWEEP_SECONDS`, so several workers may call one at once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import close_old_connections

from ferproject.disk_reserve import disk_reserve

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sweep:
    """The worker that sweeps: its Celery name and its queues."""

    worker: str
    queues: frozenset[str]


_sweepers: list[Callable[[Sweep], None]] = []


def register(function: Callable[[Sweep], None]) -> None:
    """Call `function` regularly in every worker."""
    if function not in _sweepers:
        _sweepers.append(function)


def start(sweep: Sweep) -> None:
    """Sweep now and regularly until the process ends."""
    threading.Thread(target=_sweep_loop, args=(sweep,), name="sweeper", daemon=True).start()


def sweep_once(sweep: Sweep) -> None:
    """Call every registered function; an exception is logged and stops none of them."""
    # Sweeps delete, too.
    with disk_reserve().released():
        for function in _sweepers:
            close_old_connections()
            try:
                function(sweep)
            except Exception:
                logger.exception("Sweeping failed: %s", function.__qualname__)
    close_old_connections()


def _sweep_loop(sweep: Sweep) -> None:
    while True:
        sweep_once(sweep)
        time.sleep(settings.SWEEP_SECONDS)
