"""Celery tasks."""

from __future__ import annotations

import uuid

from celery import shared_task

from training.runs.worker import work_on_run


@shared_task
def train(run_id: str) -> None:
    """Train a waiting run to its end."""
    work_on_run(run_id=uuid.UUID(run_id))
