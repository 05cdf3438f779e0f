"""Prometheus metrics of a worker, served on loopback; imported where `METRICS_PORT` is set only."""

from __future__ import annotations

import logging
import time
from typing import Any

from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.utils.module_loading import import_string
from prometheus_client import Gauge, Histogram, start_http_server

TASK_SECONDS = Histogram(
    "fer_task_seconds",
    "How long a task of this worker took, and whether it ended with an unexpected error.",
    ["task", "failed"],
    buckets=(0.1, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600),
)
TASKS_RUNNING = Gauge("fer_tasks_running", "Tasks that this worker has begun and not ended.", ["task"])
logger = logging.getLogger(__name__)
_began: dict[str, float] = {}


def serve_metrics(port: int) -> None:
    """Serve /metrics on a port of this machine, on a thread; where it is taken, log that and go on without."""
    for path in settings.WORKER_METRICS:
        import_string(path)()
    task_prerun.connect(_begin)
    task_postrun.connect(_end)
    try:
        start_http_server(port, addr="127.0.0.1")
    except OSError as error:
        logger.error("Cannot serve metrics on 127.0.0.1:%d: %s; set another METRICS_PORT.", port, error)


def _begin(task_id: str, task: Any, **facts: Any) -> None:
    _began[task_id] = time.monotonic()
    TASKS_RUNNING.labels(task.name).inc()


def _end(task_id: str, task: Any, state: str | None = None, **facts: Any) -> None:
    TASKS_RUNNING.labels(task.name).dec()
    seconds = time.monotonic() - _began.pop(task_id)
    TASK_SECONDS.labels(task.name, str(state == "FAILURE").lower()).observe(seconds)
