"""Registration of sweeps and signal receivers; imported by `TrainingAppConfig.ready`, after all models."""

from __future__ import annotations

from typing import Any

from celery.signals import worker_shutting_down

from ferproject.queue import sweeper
from training.runs.queue import sweep_runs
from training.runs.worker import worker_stops
from training.transfers.services import sweep_transfers


def connect() -> None:
    """Register them all."""
    sweeper.register(sweep_runs)
    sweeper.register(_sweep_transfers)
    worker_shutting_down.connect(_stop_training)


def _sweep_transfers(sweep: sweeper.Sweep) -> None:
    sweep_transfers()


def _stop_training(**kwargs: Any) -> None:
    worker_stops.set()
