"""What the workers do for this app; each task takes ids and calls one service."""

from __future__ import annotations

import uuid

from celery import shared_task

from analysis.bulk.worker import run_job
from analysis.imports import watched
from analysis.photos import reanalysis
from analysis.videos import worker as video_analysis
from analysis.videos.services import is_another_waiting


@shared_task
def reanalyze_history(job_id: str) -> None:
    reanalysis.run_reanalysis(job_id=uuid.UUID(job_id), is_another_waiting=is_another_waiting)


@shared_task
def analyze_video(video_id: str) -> None:
    # The id says which video was queued; whose is next depends on the others that wait.
    video_analysis.run_next_video()


@shared_task
def run_bulk_job(job_id: str) -> None:
    run_job(job_id=uuid.UUID(job_id))


@shared_task
def import_watched_folder() -> None:
    watched.import_watched_folder()
