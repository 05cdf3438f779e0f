"""Train one run inside its own process; it writes only while its claim stands."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import time
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from analysis.corrections.services import approved_rows
from analysis.recognition.bundle import Bundle
from analysis.recognition.errors import RecognitionError
from analysis.versions.services import active_bundles
from ferproject.errors import ServiceError
from training.learning.data.splits import Split
from training.learning.errors import LearningError, TrainingStopped
from training.models import TrainingRun
from training.pipeline import adopt_version, checkpoint_folder, train_version
from training.runs.claims import fail_run, finish_run
from training.runs.contributions import record_contributions
from training.runs.heartbeat import Heart
from training.runs.settings import RunSettings

DONE, STOPPED, CLAIM_LOST = 0, 75, 76
"""Exit statuses."""
BEAT_SECONDS = 1.0
LOCK_SECONDS = 20


def train_run(*, run_id: uuid.UUID, token: uuid.UUID) -> int:
    """Train the run that `token` claims until it is over or stopped; return the exit status."""
    run = TrainingRun.objects.filter(pk=run_id, token=token).first()
    return CLAIM_LOST if run is None else _train(run)


def _train(run: TrainingRun) -> int:
    assert run.token is not None
    heart = Heart(run, run.token, on_loss=lambda: os._exit(CLAIM_LOST), seconds=BEAT_SECONDS)
    signal.signal(signal.SIGTERM, lambda *_: heart.stopping.set())
    heart.start()
    try:
        bundle = _make_version(run, heart)
        heart.stop()
        return _finish(run, bundle)
    except TrainingStopped:
        heart.say("Stopped; what was learnt is kept")
        return STOPPED
    except Exception as error:
        return _fail(heart, error)
    finally:
        heart.stop()


def _make_version(run: TrainingRun, heart: Heart) -> Bundle:
    from training.runs.keras_callback import RunRecorder

    settings, folder = RunSettings.of(run), checkpoint_folder(run.name)
    request = settings.request(run.name)
    with only_one(folder):
        if finished := adopt_version(version=run.name, run=str(run.pk)):
            return finished
        recorder = RunRecorder(heart, folder, request.configuration().batch_size)
        return train_version(
            request=request,
            resume=True,
            run=str(run.pk),
            beside=active_bundles(),
            corrections=partial(_corrections, run) if settings.include_corrections else None,
            callbacks=[recorder],
            report=heart.report,
        )


def _corrections(run: TrainingRun) -> Split:
    rows = approved_rows()
    while not record_contributions(run=run, corrections=rows.authors):
        rows = approved_rows()
    return Split(rows.images, rows.labels)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the right to write into a checkpoint folder; the process before us may take a moment to die."""

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        for _ in range(LOCK_SECONDS * 5):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.2)
        else:
            raise LearningError(f"{folder}: another process writes there still; resume this run once it has ended")
        yield


def _finish(run: TrainingRun, bundle: Bundle) -> int:
    assert run.token is not None
    if finish_run(token=run.token, bundle=bundle) is None:
        return CLAIM_LOST
    shutil.rmtree(checkpoint_folder(run.name), ignore_errors=True)
    return DONE


def _fail(heart: Heart, error: Exception) -> int:
    reason = reason_of(error)
    heart.say(reason if str(error) == reason else "".join(traceback.format_exception(error)))
    heart.stop()
    fail_run(token=heart.token, reason=reason)
    return DONE


def reason_of(error: Exception) -> str:
    """Return what to tell people of a failure; an error of ours is that sentence already."""

    if isinstance(error, LearningError | RecognitionError | ServiceError):
        return str(error)
    if isinstance(error, MemoryError):
        return "Memory ran out; try a smaller batch, or end other programs."
    return f"Something unforeseen went wrong; the log tells more. {type(error).__name__}: {error}"
