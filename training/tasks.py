"""Celery tasks."""

from __future__ import annotations

import uuid

from celery import shared_task

from training.runs.worker import work_on_run
from training.transfers.worker import work_on_transfer


@shared_task
def train(run_id: str) -> None:
    """Train a waiting run to its end."""
    work_on_run(run_id=uuid.UUID(run_id))


@shared_task
def transfer_version(transfer_id: str) -> None:
    """Export or import a version."""
    work_on_transfer(transfer_id=uuid.UUID(transfer_id))
