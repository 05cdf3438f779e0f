from __future__ import annotations

from types import ModuleType
from typing import Any

from celery.signals import worker_shutting_down
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ferproject.queue import sweeper


class TrainingAppConfig(AppConfig):
    name = "training"
    verbose_name = _("Training")

    def ready(self) -> None:
        sweeper.register(_sweep_runs)
        sweeper.register(_sweep_transfers)
        worker_shutting_down.connect(_stop_training)


def _sweep_runs(sweep: sweeper.Sweep) -> None:
    _background().sweep_runs(sweep)


def _sweep_transfers(sweep: sweeper.Sweep) -> None:
    _background().sweep_transfers()


def _stop_training(**kwargs: Any) -> None:
    _background().worker_stops.set()


def _background() -> ModuleType:
    from training import background

    return background
