"""Sending of waiting runs to workers, and the sweep that puts lost runs back."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from ferproject.file_storage import site_bucket
from ferproject.queue.processes import is_process_alive
from ferproject.queue.sweeper import Sweep
from training.checkpoints import FOLDER
from training.models import State, TrainingRun, Worker
from training.runs import reasons
from training.runs.claims import RUN_LEASES, lose_run

RESEND_SECONDS = 15
"""A message that no worker received within this time is sent again; a second one does no harm."""
WORKER_KEPT_FOR = dt.timedelta(days=1)


def sweep_runs(sweep: Sweep) -> None:
    """Record that the worker is running, put lost runs back, send a waiting run, and remove leftover folders."""
    if "training" in sweep.queues:
        Worker.objects.update_or_create(name=sweep.worker, defaults={"seen_at": timezone.now()})
        Worker.objects.filter(seen_at__lt=timezone.now() - WORKER_KEPT_FOR).delete()
    for run in TrainingRun.objects.live():
        if is_process_alive(run.process) is False:
            lose_run(run=run, reason=f"{reasons.ENDED % {'host': run.host}} {_next_step(run)}")
    seconds = settings.RUN_LOST_SECONDS
    for run in RUN_LEASES.lost():
        reason = reasons.SILENT % {"host": run.host, "seconds": seconds}
        lose_run(run=run, reason=f"{reason} {_next_step(run)}")
    sweep_folders()
    send_waiting()


def sweep_folders() -> None:
    """With a bucket, remove this host's folders of trainings that are not live: their checkpoints are there."""
    if site_bucket() is None:
        return
    live = set(TrainingRun.objects.live().values_list("name", flat=True))
    for folder in (Path(settings.VAR_DIR) / FOLDER).glob("*/"):
        if folder.name not in live:
            shutil.rmtree(folder, ignore_errors=True)


def sweep_checkpoints() -> None:
    """With a bucket, delete checkpoints there whose run is finished or was deleted."""
    if (bucket := site_bucket()) is None:
        return
    unfinished = set(TrainingRun.objects.exclude(state=State.FINISHED).values_list("name", flat=True))
    for page in bucket.pages(f"{FOLDER}/"):
        for file in page:
            if file.name.split("/")[1] not in unfinished:
                bucket.delete(file.name)


def send_waiting() -> None:
    """Send the run that waits longest to a worker, unless a run is live or it was sent just now."""
    run = TrainingRun.objects.waiting().first()
    if run is None or TrainingRun.objects.live().exists():
        return
    # In the future: from before the clock was set back.
    if run.sent_at is not None and abs(timezone.now() - run.sent_at) < dt.timedelta(seconds=RESEND_SECONDS):
        return
    problem = RUN_LEASES.resend(run)
    if problem is None:
        return
    waiting = TrainingRun.objects.waiting().filter(pk=run.pk)
    if problem:
        waiting.filter(sent_at=run.sent_at).update(sent_at=None, broker_problem=problem)
    else:
        waiting.exclude(broker_problem="").update(broker_problem="")


def _next_step(run: TrainingRun) -> str:
    return reasons.RESUME if run.by_command else reasons.CONTINUES
