"""Writes of the process that works on a run; each one returns False once its lease is lost."""

from __future__ import annotations

import datetime as dt
import socket
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from analysis.recognition.bundle import FILES, Bundle, file_sha256
from analysis.versions.models import ModelVersion
from analysis.versions.services import register_version
from ferproject.queue.leases import Leases
from training.models import WAITING, RunEpoch, State, TrainingRun
from training.runs import pids as processes

RUN_LEASES = Leases(
    TrainingRun,
    held=Q(slot=1),
    waiting=Q(state__in=WAITING, by_command=False),
    task="training.tasks.train",
    sent="sent_at",
)
CRASHES_ALLOWED = 3
"""Ends of a run's process, one after another without a finished epoch between, before the run fails."""

METRICS = {
    "loss": ("emotion_loss", "loss"),
    "accuracy": ("emotion_accuracy", "accuracy"),
    "val_loss": ("val_emotion_loss", "val_loss"),
    "val_accuracy": ("val_emotion_accuracy", "val_accuracy"),
}
"""Keras' names for each figure, the first where a network has two heads."""


def claim_run(*, run_id: uuid.UUID, by_command: bool = False) -> uuid.UUID | None:
    """Return the claim's token, or None where another was quicker, another run is live, or it waits no more.

    `slot` is unique, so of two runs claimed at once one claim breaks that constraint.
    """
    free = TrainingRun.objects.filter(pk=run_id, state__in=WAITING, by_command=by_command)
    try:
        with transaction.atomic():
            return RUN_LEASES.claim(
                free,
                state=State.PREPARING,
                slot=1,
                host=socket.gethostname(),
                process=processes.identify(),
                claims=F("claims") + 1,
                started_at=Coalesce("started_at", Value(timezone.now())),
                reason="",
                broker_problem="",
                batch=0,
                images_per_second=None,
                memory_mb=None,
            )
    except IntegrityError:
        return None


def cancel_asked(*, token: uuid.UUID) -> dt.datetime | None:
    """Return when somebody asked the claim's run to stop, if so."""
    return RUN_LEASES.held_by(token).values_list("cancel_requested_at", flat=True).first()


def record_epoch(*, token: uuid.UUID, number: int, metrics: dict[str, float], seconds: float | None) -> bool:
    """Keep a finished epoch's figures, as Keras names them; False when the claim is no more."""
    with transaction.atomic():
        if not RUN_LEASES.renew(token, epoch=number, batch=0, crashes=0):
            return False
        run = TrainingRun.objects.get(token=token)
        values = {**figures(metrics), "seconds": seconds}
        RunEpoch.objects.update_or_create(run=run, number=number, defaults=values)
    return True


def match_epochs(*, token: uuid.UUID, history: Sequence[dict[str, float]]) -> bool:
    """Make the rows those of the checkpoint: a kill may have come between the two. False when the claim is no more."""
    with transaction.atomic():
        if not RUN_LEASES.renew(token, epoch=len(history), batch=0):
            return False
        run = TrainingRun.objects.get(token=token)
        run.epoch_rows.filter(number__gt=len(history)).delete()
        known = set(run.epoch_rows.values_list("number", flat=True))
        rows = enumerate(history, 1)
        RunEpoch.objects.bulk_create(
            RunEpoch(run=run, number=number, **figures(metrics)) for number, metrics in rows if number not in known
        )
    return True


def finish_run(*, token: uuid.UUID, bundle: Bundle) -> ModelVersion | None:
    """Register the version that a run made, once, and end the run; None when the claim is no more."""
    pins = {name: file_sha256(Path(bundle.folder) / name) for name in FILES}
    with transaction.atomic():
        run = TrainingRun.objects.filter(token=token).first()
        if run is None or not _leave(RUN_LEASES.held_by(token), State.FINISHED, "", epoch=F("epochs"), batch=0):
            return None
        version = register_version(name=bundle.name, pins=pins, origin=ModelVersion.Origin.TRAINED, card=bundle.card)
        TrainingRun.objects.filter(pk=run.pk).update(version=version)
        run.contributions.update(version=version)
    return version


def fail_run(*, token: uuid.UUID, reason: str) -> bool:
    """End a run that cannot go on as it is; False when the claim is no more."""
    return _leave(RUN_LEASES.held_by(token), State.FAILED, reason)


def cancel_claimed_run(*, token: uuid.UUID) -> bool:
    """End a run as it was asked to; False when the claim is no more."""
    return _leave(RUN_LEASES.held_by(token), State.CANCELLED, "")


def release_run(*, token: uuid.UUID, reason: str) -> bool:
    """Give a run back unfinished, for another process to go on with; False when the claim is no more."""
    return _leave(RUN_LEASES.held_by(token), State.QUEUED, reason)


def crash_run(*, token: uuid.UUID, reason: str) -> bool:
    """Put a run back whose process died; one that dies again and again fails. False when the claim is no more."""
    held = RUN_LEASES.held_by(token)
    held.update(crashes=F("crashes") + 1)
    crashes = held.values_list("crashes", flat=True).first()
    if crashes is None:
        return False
    if crashes >= CRASHES_ALLOWED:
        return fail_run(token=token, reason=f"{reason} That was {crashes} times without finishing an epoch.")
    return _leave(RUN_LEASES.held_by(token), State.LOST, reason)


def lose_run(*, run: TrainingRun, reason: str) -> bool:
    """Take a live run for lost, unless it was heard of since `run` was read; as cancelled, where that was asked."""
    if run.token is None:
        return False
    state, reason = (State.CANCELLED, "") if run.cancel_requested_at else (State.LOST, reason)
    unchanged = {"heartbeat_at": run.heartbeat_at, "cancel_requested_at": run.cancel_requested_at}
    return _leave(RUN_LEASES.held_by(run.token).filter(**unchanged), state, reason)


def _leave(rows: QuerySet[TrainingRun], state: State, reason: str, **fields: Any) -> bool:
    return bool(
        rows.update(
            state=state,
            reason=reason,
            token=None,
            slot=None,
            process="",
            sent_at=None,
            cancel_requested_at=None,
            finished_at=None if state in WAITING else timezone.now(),
            images_per_second=None,
            **fields,
        )
    )


def figures(metrics: dict[str, float]) -> dict[str, float]:
    """Return an epoch's figures by their columns, from Keras' names."""
    return {
        figure: next(float(metrics[name]) for name in names if name in metrics) for figure, names in METRICS.items()
    }
