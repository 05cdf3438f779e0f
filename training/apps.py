from typing import Any

from celery.signals import worker_shutting_down
from django.apps import AppConfig

from ferproject.queue import sweeper


class TrainingAppConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        sweeper.register(_sweep_runs)
        worker_shutting_down.connect(_stop_training)


def _sweep_runs(sweep: sweeper.Sweep) -> None:
    from training.runs.queue import sweep_runs

    sweep_runs(sweep)


def _stop_training(**kwargs: Any) -> None:
    from training.runs.worker import worker_stops

    worker_stops.set()
