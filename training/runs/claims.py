"""Writes of the process that works on a run. Each returns False, or None, when the process has lost its lease."""

from __future__ import annotations

import datetime as dt
import os
import socket
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from analysis.recognition.bundle import FILES, Bundle, file_sha256
from analysis.versions.models import ModelVersion
from analysis.versions.services import register_version
from analysis.versions.store import publish_version
from analysis.webhooks.models import Event
from analysis.webhooks.services import record_event
from ferproject.queue.leases import Leases
from ferproject.queue.processes import identify_process
from training.models import WAITING, RunEpoch, State, TrainingRun
from training.runs.reasons import OFTEN

RUN_LEASES = Leases(
    TrainingRun,
    held=Q(slot=1),
    waiting=Q(state__in=WAITING, by_command=False),
    task="training.tasks.train",
    sent="sent_at",
)
MAX_CRASHES = 3
"""A run fails once its process has ended so often without finishing an epoch."""
METRICS = {
    "loss": ("emotion_loss", "loss"),
    "accuracy": ("emotion_accuracy", "accuracy"),
    "val_loss": ("val_emotion_loss", "val_loss"),
    "val_accuracy": ("val_emotion_accuracy", "val_accuracy"),
}
"""Keras' names of each figure, the first where a network has two heads."""


def claim_run(*, run_id: uuid.UUID, by_command: bool = False) -> uuid.UUID | None:
    """Lease a waiting run to this process; return the token, or None where it is not waiting or another run is live.

    `slot` is unique, so of two runs claimed at once one claim breaks that constraint.
    """
    waiting = TrainingRun.objects.filter(pk=run_id, state__in=WAITING, by_command=by_command)
    try:
        with transaction.atomic():
            return RUN_LEASES.claim(
                waiting,
                state=State.PREPARING,
                slot=1,
                host=socket.gethostname(),
                process=identify_process(os.getpid()),
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


def cancel_requested_at(*, token: uuid.UUID) -> dt.datetime | None:
    return RUN_LEASES.held_by(token).values_list("cancel_requested_at", flat=True).first()


def record_epoch(*, token: uuid.UUID, number: int, metrics: dict[str, float], seconds: float | None) -> bool:
    """Save the figures of a finished epoch; `metrics` has Keras' names."""
    with transaction.atomic():
        if not RUN_LEASES.renew(token, epoch=number, batch=0, crashes=0):
            return False
        run = TrainingRun.objects.get(token=token)
        values = {**epoch_figures(metrics), "seconds": seconds}
        RunEpoch.objects.update_or_create(run=run, number=number, defaults=values)
    return True


def match_epochs(*, token: uuid.UUID, history: Sequence[dict[str, float]]) -> bool:
    """Make the epoch rows equal to the checkpoint's history: a kill may have come between the two writes."""
    with transaction.atomic():
        if not RUN_LEASES.renew(token, epoch=len(history), batch=0):
            return False
        run = TrainingRun.objects.get(token=token)
        run.epoch_rows.filter(number__gt=len(history)).delete()
        saved = set(run.epoch_rows.values_list("number", flat=True))
        RunEpoch.objects.bulk_create(
            RunEpoch(run=run, number=number, **epoch_figures(metrics))
            for number, metrics in enumerate(history, 1)
            if number not in saved
        )
    return True


def finish_run(*, token: uuid.UUID, bundle: Bundle) -> ModelVersion | None:
    """End a run and register the version that it made."""
    pins = {name: file_sha256(Path(bundle.folder) / name) for name in FILES}
    publish_version(Path(bundle.folder), pins)
    with transaction.atomic():
        run = TrainingRun.objects.filter(token=token).first()
        if run is None or not end_claim(token=token, state=State.FINISHED, epoch=F("epochs"), batch=0):
            return None
        version = register_version(name=bundle.name, pins=pins, origin=ModelVersion.Origin.TRAINED, card=bundle.card)
        TrainingRun.objects.filter(pk=run.pk).update(version=version)
        run.contributions.update(version=version)
    return version


def end_claim(
    *,
    token: uuid.UUID,
    state: State,
    reason: str = "",
    parts: dict[str, Any] | None = None,
    where: Q | None = None,
    **fields: Any,
) -> bool:
    """Leave a run in `state` and give up its lease; a waiting state lets another process continue it.

    `reason` is in English; `parts` are those of its error, see `reasons.parts_of`.
    """
    rows = RUN_LEASES.held_by(token).filter(where or Q())
    with transaction.atomic():
        run = rows.first()
        is_ended = bool(
            rows.update(
                state=state,
                reason=reason,
                reason_parts=parts,
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
        if run and is_ended and state in (State.FINISHED, State.FAILED):
            data = {"run": str(run.pk), "name": run.name, "state": str(state)}
            record_event(event=Event.RUN_FINISHED, data=data, owner_id=run.created_by_id)
    return is_ended


def crash_run(*, token: uuid.UUID, reason: str) -> bool:
    """Put a run back whose process died, or fail it after `MAX_CRASHES`."""
    held = RUN_LEASES.held_by(token)
    held.update(crashes=F("crashes") + 1)
    crashes = held.values_list("crashes", flat=True).first()
    if crashes is None:
        return False
    if crashes >= MAX_CRASHES:
        reason = f"{reason} {OFTEN % {'count': crashes}}"
    state = State.FAILED if crashes >= MAX_CRASHES else State.LOST
    return end_claim(token=token, state=state, reason=reason)


def lose_run(*, run: TrainingRun, reason: str) -> bool:
    """Mark a live run as lost, or as cancelled where that was requested, unless it changed since `run` was read."""
    if run.token is None:
        return False
    state, reason = (State.CANCELLED, "") if run.cancel_requested_at else (State.LOST, reason)
    unchanged = Q(heartbeat_at=run.heartbeat_at, cancel_requested_at=run.cancel_requested_at)
    return end_claim(token=run.token, state=state, reason=reason, where=unchanged)


def epoch_figures(metrics: dict[str, float]) -> dict[str, float]:
    """Return an epoch's figures by column, from Keras' names."""
    return {
        figure: next(float(metrics[name]) for name in names if name in metrics) for figure, names in METRICS.items()
    }
