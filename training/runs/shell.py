"""`manage.py train`: training in a shell, recorded as a run where there is a database."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from analysis.recognition.bundle import Bundle
from training.checkpoints import checkpoint_folder, checkpoint_lock, fetch_checkpoint
from training.errors import RunError
from training.learning.errors import TrainingStopped
from training.models import LIVE, WAITING, State, TrainingRun
from training.pipeline import Report, Stage, refuse_existing_version, train_version
from training.run_settings import RunSettings
from training.runs import claims
from training.runs.child import failure_reason, store_stopped, train_recorded
from training.runs.heartbeat import Heartbeat
from training.runs.reasons import parts_of

if TYPE_CHECKING:
    import keras

HEARTBEAT_SECONDS = 2.0
WAIT_SECONDS = 3.0


def train_in_shell(
    *,
    version: str,
    settings: RunSettings,
    resume: bool,
    ship: bool,
    callbacks: Sequence[keras.callbacks.Callback],
    report: Report,
) -> Bundle:
    """Train as `train_version` does; where there is a database, the site shows the run and may cancel it.

    Raises `TrainingStopped` when it was cancelled there, and `RunError` when a run of that name is open.
    """
    refuse_existing_version(version)
    epochs = settings.configuration().epochs
    options: dict[str, Any] = {"resume": resume, "ship": ship, "callbacks": callbacks}
    if not has_database():
        return train_version(version=version, settings=settings, report=report, **options)
    run = _record_run(version, settings, epochs)
    heartbeat = _claim(run, report)

    def report_both(stage: Stage, message: str) -> None:
        report(stage, message)
        heartbeat.enter_stage(stage, message)

    heartbeat.start()
    try:
        with checkpoint_lock(checkpoint_folder(version)):
            fetch_checkpoint(version)
            bundle = train_recorded(run, heartbeat, report=report_both, **options)
    except (KeyboardInterrupt, TrainingStopped):
        store_stopped(run, heartbeat)
        heartbeat.stop()
        claims.end_claim(token=heartbeat.token, state=State.CANCELLED)
        raise
    except Exception as error:
        heartbeat.stop()
        reason, parts = failure_reason(error), parts_of(error)
        claims.end_claim(token=heartbeat.token, state=State.FAILED, reason=reason, parts=parts)
        raise
    heartbeat.stop()
    claims.finish_run(token=heartbeat.token, bundle=bundle)
    return bundle


def has_database() -> bool:
    """Return whether there is a database with every migration applied."""
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        # Connecting would create the file.
        if "memory" not in name and not Path(name).exists():
            return False
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False


def _record_run(name: str, settings: RunSettings, epochs: int) -> TrainingRun:
    """Return the run of that name, queued for this process: a new row, or that of an earlier attempt."""
    values = {
        "architecture": settings.architecture,
        "configuration": settings.as_json(),
        "epochs": epochs,
        "by_command": True,
        "state": State.QUEUED,
        "reason": "",
        "broker_problem": "",
        "cancel_requested_at": None,
        "finished_at": None,
        "queued_at": timezone.now(),
        "crashes": 0,
    }
    earlier = TrainingRun.objects.filter(name=name)
    if earlier.exclude(state__in=LIVE).exclude(state__in=WAITING, by_command=False).update(**values):
        return earlier.get()
    try:
        with transaction.atomic():
            return TrainingRun.objects.create(name=name, **values)
    except IntegrityError:
        message = f"{name}: a run of this name is already waiting or in progress. Cancel it, or choose another name."
        raise RunError("name_taken", message) from None


def _claim(run: TrainingRun, report: Report) -> Heartbeat:
    """Claim the run once no other is live."""
    reported = ""
    try:
        while (token := claims.claim_run(run_id=run.pk, by_command=True)) is None:
            if not TrainingRun.objects.filter(pk=run.pk, state__in=WAITING, by_command=True).exists():
                raise RunError("cancelled", f"{run.name} was cancelled before it started.")
            other = TrainingRun.objects.live().first()
            if other is not None and other.name != reported:
                reported = other.name
                report(Stage.PREPARING, f"Waiting for {other.name}: only one run trains at a time")
            time.sleep(WAIT_SECONDS)
    except KeyboardInterrupt:
        TrainingRun.objects.filter(pk=run.pk, state__in=WAITING).update(state=State.CANCELLED)
        raise
    return ShellHeartbeat(run, token)


class ShellHeartbeat(Heartbeat):
    """Claims its run again when the lease was lost, as after a laptop's sleep, and no other process claimed it."""

    def __init__(self, run: TrainingRun, token: UUID) -> None:
        super().__init__(run, token, on_loss=self._claim_again, seconds=HEARTBEAT_SECONDS)
        self._run_id = run.pk

    def _claim_again(self) -> None:
        token = claims.claim_run(run_id=self._run_id, by_command=True)
        if token is None:
            self.stopping.set()
        else:
            self.token = token
            self.set_fields(state=State.TRAINING)
