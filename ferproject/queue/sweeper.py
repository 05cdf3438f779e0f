"""What a worker sees to every few seconds, on a thread of its own: rows that no message brings along any more.

An app registers a function in its `AppConfig.ready`; each worker calls all of them, at its start and then every
`settings.SWEEP_SECONDS`, so each must bear being called by several workers at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import close_old_connections

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sweep:
    """Which worker sweeps: its Celery name, and the queues it takes tasks from."""

    worker: str
    queues: frozenset[str]


_sweepers: list[Callable[[Sweep], None]] = []


def register(function: Callable[[Sweep], None]) -> None:
    """Have every worker call `function` regularly."""
    if function not in _sweepers:
        _sweepers.append(function)


def start(sweep: Sweep) -> None:
    """Sweep now and regularly until the process ends."""
    threading.Thread(target=_sweep_for_good, args=(sweep,), name="sweeper", daemon=True).start()


def sweep_once(sweep: Sweep) -> None:
    """Call every registered function; one that fails keeps none from being called, now or next time."""
    for function in _sweepers:
        close_old_connections()
        try:
            function(sweep)
        except Exception:
            logger.exception("Sweeping failed: %s", function.__qualname__)
    close_old_connections()


def _sweep_for_good(sweep: Sweep) -> None:
    pause = threading.Event()
    while True:
        sweep_once(sweep)
        pause.wait(settings.SWEEP_SECONDS)
