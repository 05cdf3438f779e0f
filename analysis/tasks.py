"""What the workers do for this app; each task takes ids and calls one service."""

from __future__ import annotations

import uuid

from celery import shared_task

from analysis import reanalysis


@shared_task
def reanalyze_history(job_id: str) -> None:
    reanalysis.run_reanalysis(job_id=uuid.UUID(job_id))
