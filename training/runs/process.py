"""The process that trains one run: `python -m training.runner RUN TOKEN`, begun and watched by `supervision`.

A process of its own, because TensorFlow never gives its memory back, and because it may abort. It writes only while
its claim stands, ends with its parent, and is stopped by SIGTERM, after which it keeps what was learnt.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from training.runs.pids import PARENT

if TYPE_CHECKING:
    from analysis.recognition.bundle import Bundle
    from training.learning.data.read import Split
    from training.models import TrainingRun
    from training.runs.heartbeat import Heart

DONE, STOPPED, CLAIM_LOST = 0, 75, 76
"""Exit statuses."""
BEAT_SECONDS = 1.0
LOCK_SECONDS = 20


def main(run_id: str, token: str) -> int:
    """Train until the run is over or the process is told to stop; return the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ferproject.settings")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from training.runs import pids as processes

    processes.die_with_parent(int(os.environ[PARENT]))
    # Ctrl-C in a terminal reaches the whole group; the parent decides what follows.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import django

    django.setup()
    from training.models import TrainingRun

    run = TrainingRun.objects.filter(pk=run_id, token=uuid.UUID(token)).first()
    return CLAIM_LOST if run is None else _train(run)


def _train(run: TrainingRun) -> int:
    from training.learning.errors import TrainingStopped
    from training.runs.heartbeat import Heart

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
    from analysis.versions.services import active_bundles
    from training.pipeline import adopt_version, checkpoint_folder, train_version
    from training.runs.keras_callback import RunRecorder
    from training.runs.settings import RunSettings

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
    from analysis.corrections.services import approved_rows
    from training.learning.data.read import Split
    from training.runs.contributions import record_contributions

    rows = approved_rows()
    while not record_contributions(run=run, corrections=rows.authors):
        rows = approved_rows()
    return Split(rows.images, rows.labels)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the right to write into a checkpoint folder; the process before us may take a moment to die."""
    import fcntl

    from training.learning.errors import LearningError

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
    from training.pipeline import checkpoint_folder
    from training.runs.claims import finish_run

    assert run.token is not None
    if finish_run(token=run.token, bundle=bundle) is None:
        return CLAIM_LOST
    shutil.rmtree(checkpoint_folder(run.name), ignore_errors=True)
    return DONE


def _fail(heart: Heart, error: Exception) -> int:
    from training.runs.claims import fail_run

    reason = reason_of(error)
    heart.say(reason if str(error) == reason else "".join(traceback.format_exception(error)))
    heart.stop()
    fail_run(token=heart.token, reason=reason)
    return DONE


def reason_of(error: Exception) -> str:
    """Return what to tell people of a failure; an error of ours is that sentence already."""
    from analysis.errors import AnalysisError
    from analysis.recognition.errors import RecognitionError
    from training.learning.errors import LearningError

    if isinstance(error, LearningError | RecognitionError | AnalysisError):
        return str(error)
    if isinstance(error, MemoryError):
        return "Memory ran out; try a smaller batch, or end other programs."
    return f"Something unforeseen went wrong; the log tells more. {type(error).__name__}: {error}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
