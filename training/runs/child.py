"""Train one run inside its own process."""

from __future__ import annotations

import os
import signal
import traceback
import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

from analysis.corrections.training_rows import approved_rows
from analysis.recognition.bundle import Bundle
from analysis.recognition.errors import RecognitionError
from analysis.versions.services import active_bundles
from ferproject.errors import ServiceError
from ferproject.storage_errors import BucketError
from training.checkpoints import (
    checkpoint_folder,
    checkpoint_lock,
    fetch_checkpoint,
    remove_checkpoint,
    store_checkpoint,
)
from training.errors import missing_library
from training.learning.data.splits import Split
from training.learning.errors import LearningError, TrainingStopped
from training.models import State, TrainingRun
from training.pipeline import adopt_version, train_version
from training.runs.claims import end_claim, finish_run
from training.runs.contributions import record_contributions
from training.runs.heartbeat import Heartbeat
from training.runs.reasons import OUT_OF_MEMORY, UNEXPECTED, parts_of

DONE, STOPPED, LEASE_LOST = 0, 75, 76
"""Exit statuses."""
HEARTBEAT_SECONDS = 1.0


def train_run(*, run_id: uuid.UUID, token: uuid.UUID) -> int:
    """Train the run leased under `token` until it is over or stopped; return the exit status."""
    run = TrainingRun.objects.filter(pk=run_id, token=token).first()
    if run is None:
        return LEASE_LOST
    heartbeat = Heartbeat(run, token, on_loss=lambda: os._exit(LEASE_LOST), seconds=HEARTBEAT_SECONDS)
    signal.signal(signal.SIGTERM, lambda *_: heartbeat.stopping.set())
    heartbeat.start()
    try:
        bundle = _make_version(run, heartbeat)
        heartbeat.stop()
        if finish_run(token=token, bundle=bundle) is None:
            return LEASE_LOST
        remove_checkpoint(run.name)
    except TrainingStopped:
        store_stopped(run, heartbeat)
        heartbeat.log("Stopped; what was learnt is kept")
        return STOPPED
    except Exception as error:
        reason = failure_reason(error)
        heartbeat.log(reason if str(error) == reason else "".join(traceback.format_exception(error)))
        heartbeat.stop()
        end_claim(token=heartbeat.token, state=State.FAILED, reason=reason, parts=parts_of(error))
    finally:
        heartbeat.stop()
    return DONE


def _make_version(run: TrainingRun, heartbeat: Heartbeat) -> Bundle:
    with checkpoint_lock(checkpoint_folder(run.name)):
        fetch_checkpoint(run.name)
        if finished := adopt_version(version=run.name, run=str(run.pk)):
            return finished
        corrections = partial(_corrections, run) if run.settings.include_corrections else None
        return train_recorded(run, heartbeat, resume=True, corrections=corrections, report=heartbeat.enter_stage)


def store_stopped(run: TrainingRun, heartbeat: Heartbeat) -> None:
    """Copy the checkpoint of a training that was stopped within an epoch to the bucket, if there is one."""
    try:
        store_checkpoint(run.name)
    except BucketError as error:
        heartbeat.log(f"The bucket has the last whole epoch only: {error}")


def train_recorded(run: TrainingRun, heartbeat: Heartbeat, *, callbacks: Sequence[Any] = (), **options: Any) -> Bundle:
    """Train the version of a claimed run and record its progress; `options` are those of `train_version`."""
    from training.runs.keras_callback import RunRecorder

    settings = run.settings
    recorder = RunRecorder(heartbeat, run.name, settings.configuration().batch_size)
    return train_version(
        version=run.name,
        settings=settings,
        run=str(run.pk),
        beside=active_bundles(),
        callbacks=[*callbacks, recorder],
        **options,
    )


def _corrections(run: TrainingRun) -> Split:
    rows = approved_rows()
    while not record_contributions(run=run, corrections=rows.authors):
        rows = approved_rows()
    return Split(rows.images, rows.labels)


def failure_reason(error: Exception) -> str:
    """Return a sentence for the user that says why a training failed."""
    if isinstance(error, LearningError | RecognitionError | ServiceError | BucketError):
        return str(error)
    if isinstance(error, MemoryError):
        return OUT_OF_MEMORY
    if message := missing_library(error):
        return message
    return UNEXPECTED % {"error": f"{type(error).__name__}: {error}"}
