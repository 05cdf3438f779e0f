"""Training in a shell: the same service, shown as a run where there is a database to show it in."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from analysis.recognition.bundle import Bundle
from analysis.versions.services import active_bundles
from training.errors import RunError
from training.learning.errors import TrainingStopped
from training.models import LIVE, WAITING, State, TrainingRun
from training.pipeline import Report, Stage, TrainingRequest, checkpoint_folder, refuse_existing_version, train_version
from training.runs import claims
from training.runs.child import only_one, reason_of
from training.runs.heartbeat import Heart
from training.runs.settings import RunSettings

if TYPE_CHECKING:
    import keras

BEAT_SECONDS = 2.0
WAIT_SECONDS = 3.0


def train_by_command(
    *,
    request: TrainingRequest,
    resume: bool,
    ship: bool,
    callbacks: Sequence[keras.callbacks.Callback],
    report: Report,
) -> Bundle:
    """As `train_version`; the site's pages show it, and may cancel it, where the database is there and migrated.

    Raises `TrainingStopped` when somebody cancelled it there, and `RunError` when a run of that name goes on already.
    """
    refuse_existing_version(request.version)
    epochs = request.configuration().epochs
    if not database_is_there():
        return train_version(request=request, resume=resume, ship=ship, callbacks=callbacks, report=report)
    run = _record_run(request, epochs)
    heart = _claim(run, report)
    heart.start()
    try:
        bundle = _train(run, heart, request, resume, ship, callbacks, report)
    except (KeyboardInterrupt, TrainingStopped):
        heart.stop()
        claims.cancel_claimed_run(token=heart.token)
        raise
    except Exception as error:
        heart.stop()
        claims.fail_run(token=heart.token, reason=reason_of(error))
        raise
    heart.stop()
    claims.finish_run(token=heart.token, bundle=bundle)
    return bundle


def database_is_there() -> bool:
    """Return whether there is a database, with every migration applied."""
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        # Looking into one that is not there would make it.
        if "memory" not in name and not Path(name).exists():
            return False
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False


def _train(
    run: TrainingRun,
    heart: Heart,
    request: TrainingRequest,
    resume: bool,
    ship: bool,
    callbacks: Sequence[keras.callbacks.Callback],
    report: Report,
) -> Bundle:
    from training.runs.keras_callback import RunRecorder

    def tell(stage: Stage, words: str) -> None:
        report(stage, words)
        heart.report(stage, words)

    folder = checkpoint_folder(run.name)
    recorder = RunRecorder(heart, folder, request.configuration().batch_size)
    with only_one(folder):
        return train_version(
            request=request,
            resume=resume,
            ship=ship,
            run=str(run.pk),
            beside=active_bundles(),
            callbacks=[*callbacks, recorder],
            report=tell,
        )


def _record_run(request: TrainingRequest, epochs: int) -> TrainingRun:
    """Return the row of that name, waiting for this process: a new one, or that of an earlier try."""
    values = {
        "architecture": request.architecture,
        "configuration": asdict(RunSettings.of_request(request)),
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
    earlier = TrainingRun.objects.filter(name=request.version)
    if earlier.exclude(state__in=LIVE).exclude(state__in=WAITING, by_command=False).update(**values):
        return earlier.get()
    try:
        with transaction.atomic():
            return TrainingRun.objects.create(name=request.version, **values)
    except IntegrityError:
        message = f"{request.version}: a run of this name waits or goes on already; cancel it, or choose another name."
        raise RunError("name_taken", message) from None


def _claim(run: TrainingRun, report: Report) -> Heart:
    """Claim the run, as soon as no other is live."""
    told = ""
    try:
        while (token := claims.claim_run(run_id=run.pk, by_command=True)) is None:
            if not TrainingRun.objects.filter(pk=run.pk, state__in=WAITING, by_command=True).exists():
                raise RunError("cancelled", f"{run.name} was cancelled before it began.")
            other = TrainingRun.objects.live().first()
            if other is not None and other.name != told:
                told = other.name
                report(Stage.PREPARING, f"Waiting for {told}: one run trains at a time")
            time.sleep(WAIT_SECONDS)
    except KeyboardInterrupt:
        TrainingRun.objects.filter(pk=run.pk, state__in=WAITING).update(state=State.CANCELLED)
        raise
    return ShellHeart(run, token)


class ShellHeart(Heart):
    """Claims its run anew where it was taken for lost, as after a laptop's sleep, and nobody took it since."""

    def __init__(self, run: TrainingRun, token: UUID) -> None:
        super().__init__(run, token, on_loss=self._claim_again, seconds=BEAT_SECONDS)
        self._run_id = run.pk

    def _claim_again(self) -> None:
        token = claims.claim_run(run_id=self._run_id, by_command=True)
        if token is None:
            self.stopping.set()
        else:
            self.token = token
            self.tell(state=State.TRAINING)
