"""Celery application; workers run as `celery -A ferproject worker -Q default` and `-Q training`."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_ready
from django.conf import settings
from django.utils.module_loading import import_string
from kombu.transport import TRANSPORT_ALIASES

from ferproject.queue import sweeper
from ferproject.sqlite import serve_existing_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ferproject.settings")

TRANSPORT_ALIASES["filesystem"] = "ferproject.queue.filesystem_transport:Transport"
app = Celery("ferproject")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def _require_database(**kwargs: Any) -> None:
    serve_existing_database()


@worker_init.connect
def _serve_metrics(**kwargs: Any) -> None:
    if settings.METRICS_PORT:
        import_string("ferproject.queue.metrics.serve_metrics")(settings.METRICS_PORT)


@worker_ready.connect
def _start_sweeper(sender: Any, **kwargs: Any) -> None:
    queues = frozenset(sender.app.amqp.queues.consume_from)
    sweeper.start(sweeper.Sweep(worker=sender.hostname, queues=queues))
