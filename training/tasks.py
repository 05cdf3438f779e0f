"""What the broker brings."""

from __future__ import annotations

import uuid

from celery import shared_task


@shared_task
def train(run_id: str) -> None:
    """Work on a run until it ends; nothing where somebody else does, or where it waits no more."""
    from training.runs.worker import work_on_run

    work_on_run(run_id=uuid.UUID(run_id))
