"""Why a run waits, in words."""

from __future__ import annotations

import datetime as dt

from django.conf import settings as site
from django.utils import timezone

from training.models import TrainingRun, Worker


def waiting_reason(*, run: TrainingRun) -> str:
    """Say in a sentence or two why nothing moves just now; "" where all goes its way."""
    if run.is_live:
        return _live_reason(run)
    if run.is_over:
        return ""
    reasons = [run.reason] if run.reason else []
    if run.broker_problem:
        reasons.append(f"{run.broker_problem.rstrip('.')}. The run starts by itself soon after the broker is back.")
    other = TrainingRun.objects.live().exclude(pk=run.pk).first()
    before = TrainingRun.objects.waiting().filter(queued_at__lt=run.queued_at).count()
    if other is not None:
        reasons.append(f"{other.name} is being trained, and one run trains at a time.")
    if before:
        reasons.append(f"{before} more {'waits' if before == 1 else 'wait'} before this one.")
    if not worker_is_there():
        reasons.append("No training worker is running: `make run` starts one.")
    return " ".join(reasons) or "A worker will take it in a moment."


def worker_is_there() -> bool:
    """Return whether some process that takes runs swept lately."""
    return Worker.objects.filter(seen_at__gt=timezone.now() - dt.timedelta(seconds=3 * site.SWEEP_SECONDS)).exists()


def _live_reason(run: TrainingRun) -> str:
    silent = (timezone.now() - run.heartbeat_at).total_seconds() if run.heartbeat_at else 0
    if silent > 3 * site.RUN_HEARTBEAT_SECONDS:
        back = "" if worker_is_there() else " No training worker is running: `make run` starts one."
        return (
            f"Nothing has been heard of it for {silent:.0f} s; it will be put back and go on from its checkpoint.{back}"
        )
    if run.cancel_requested_at:
        return "Stopping; what was learnt is kept."
    return ""
