"""Seeing to it that no run is forgotten: what waits is handed to the broker, what fell silent is put back."""

from __future__ import annotations

import datetime as dt
import socket

from django.conf import settings
from django.utils import timezone

from ferproject.queue.sweeper import Sweep
from training.models import TrainingRun, Worker
from training.runs import pids as processes
from training.runs.claims import RUN_LEASES, lose_run

RESEND_SECONDS = 15
"""A message that nobody acted upon for so long is taken for lost; a second one does no harm."""
WORKER_FORGOTTEN = dt.timedelta(days=1)


def sweep_runs(sweep: Sweep) -> None:
    """Note that a worker is there, take dead and silent runs for lost, and hand over what waits."""
    if "training" in sweep.queues:
        Worker.objects.update_or_create(name=sweep.worker, defaults={"seen_at": timezone.now()})
        Worker.objects.filter(seen_at__lt=timezone.now() - WORKER_FORGOTTEN).delete()
    lose_dead_runs()
    lose_silent_runs()
    send_waiting()


def lose_dead_runs() -> None:
    """Take back at once what a process of this host left behind when it died."""
    for run in TrainingRun.objects.live().filter(host=socket.gethostname()):
        if not processes.is_alive(run.process):
            lose_run(run=run, reason=f"Its process on {run.host} ended without a word. {_what_follows(run)}")


def lose_silent_runs() -> None:
    """Take a run for lost whose heartbeat is too old; should its process wake up, its claim is void."""
    seconds = settings.RUN_LOST_SECONDS
    for run in RUN_LEASES.lost():
        reason = f"Nothing was heard of it for {seconds} seconds (it was on {run.host}). {_what_follows(run)}"
        lose_run(run=run, reason=reason)


def send_waiting() -> None:
    """Hand the run that waits longest to the broker, unless one is live or it was handed over just now."""
    run = TrainingRun.objects.waiting().first()
    if run is None or TrainingRun.objects.live().exists():
        return
    if run.sent_at is not None and run.sent_at > timezone.now() - dt.timedelta(seconds=RESEND_SECONDS):
        return
    problem = RUN_LEASES.resend(run)
    if problem is None:
        return
    waiting = TrainingRun.objects.waiting().filter(pk=run.pk)
    if problem:
        waiting.filter(sent_at=run.sent_at).update(sent_at=None, broker_problem=problem)
    else:
        waiting.exclude(broker_problem="").update(broker_problem="")


def _what_follows(run: TrainingRun) -> str:
    if run.by_command:
        return "Go on with it from its last checkpoint by `manage.py train ... --resume`, or resume it here."
    return "It goes on from its last checkpoint."
