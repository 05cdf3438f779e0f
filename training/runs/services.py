"""Start, cancel, resume, copy and delete runs. See `claims` for what the process that trains writes."""

from __future__ import annotations

import datetime as dt
import itertools
import os
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings as site
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from analysis.recognition.bundle import check_name
from analysis.recognition.errors import RecognitionError
from analysis.versions.models import ModelVersion
from ferproject.errors import translated_message
from ferproject.queue.processes import is_process_alive
from training.checkpoints import remove_checkpoint
from training.errors import RunError
from training.learning.errors import LearningError
from training.models import LIVE, WAITING, State, TrainingRun
from training.parent_versions import check_lineage
from training.run_settings import RunSettings
from training.runs import claims
from training.runs.queue import send_waiting

WHERE_TO_GET = gettext_lazy(
    "%(path)s does not exist. Download fer2013.csv from Kaggle (https://www.kaggle.com/datasets/deadskull7/fer2013, or "
    "fer2013.tar.gz of https://www.kaggle.com/competitions/"
    "challenges-in-representation-learning-facial-expression-recognition-challenge) and put it there, or set "
    "%(variable)s to its path and restart the site."
)
WHERE_TO_GET_VOTES = gettext_lazy(
    "%(path)s does not exist. Download fer2013new.csv from https://github.com/microsoft/FERPlus and put it there, or "
    "set %(variable)s to its path and restart the site."
)


def data_problem(*, votes: bool = False) -> str:
    """Return instructions where the installation's data, or the votes, are missing, else ""."""
    try:
        check_files(site.FER2013_PATH, site.FER2013_VOTES_PATH if votes else None)
    except RunError as error:
        return error.message
    return ""


def propose_name(architecture: str) -> str:
    """Return a free name for the next version, such as "cnn-3"."""
    taken = {name for model in (TrainingRun, ModelVersion) for name in model.objects.values_list("name", flat=True)}
    names = (f"{architecture}-{number}" for number in itertools.count(1))
    return next(name for name in names if name not in taken and not (site.MODELS_STORE / name).exists())


def start_run(*, name: str, settings: RunSettings, by: Model | None) -> TrainingRun:
    """Check the name, the data and the settings, and queue a run; raise `RunError`."""
    check_new_name(name)
    check_files(settings.data_path, settings.votes_path)
    epochs = check_settings(settings)
    try:
        with transaction.atomic():
            run = TrainingRun.objects.create(
                name=name,
                architecture=settings.architecture,
                configuration=settings.as_json(),
                created_by=by,
                epochs=epochs,
            )
            transaction.on_commit(send_waiting)
    except IntegrityError:
        raise _taken(name) from None
    return run


def check_settings(settings: RunSettings) -> int:
    """Return the number of epochs; raise `RunError` for a value or a version that does not fit."""
    try:
        config = settings.configuration()
    except LearningError as error:
        raise RunError("bad_settings", translated_message(error)) from error
    check_lineage(config)
    return config.epochs


def copy_settings(*, run: TrainingRun, by: Model | None) -> TrainingRun:
    """Start another run with the same settings, under a free name."""
    return start_run(name=propose_name(run.architecture), settings=run.settings, by=by)


def cancel_run(*, run: TrainingRun) -> None:
    """Stop a run: at once where it waits, within 10 s where it is live. Its checkpoint stays."""
    now, rows = timezone.now(), TrainingRun.objects.filter(pk=run.pk)
    # Between the two updates it may go from waiting to live or back.
    for _ in range(5):
        if rows.filter(state__in=WAITING).update(state=State.CANCELLED, reason="", finished_at=now):
            return
        if not rows.filter(state__in=LIVE).update(cancel_requested_at=now):
            continue
        current = rows.get()
        if current.is_live and _has_no_process(current, now):
            claims.lose_run(run=current, reason="")
        return
    raise RunError(
        "is_over", gettext("%(name)s has already ended, so there is nothing to cancel.") % {"name": run.name}
    )


def resume_run(*, run: TrainingRun) -> None:
    """Queue a stopped run again, to continue from its last checkpoint."""
    with transaction.atomic():
        resumed = TrainingRun.objects.resumable().filter(pk=run.pk)
        if not resumed.update(
            state=State.QUEUED,
            by_command=False,
            reason="",
            broker_problem="",
            cancel_requested_at=None,
            finished_at=None,
            queued_at=timezone.now(),
            sent_at=None,
            crashes=0,
        ):
            raise RunError(
                "not_stopped",
                gettext("%(name)s can be resumed once it is cancelled or has failed.") % {"name": run.name},
            )
        transaction.on_commit(send_waiting)


def delete_run(*, run: TrainingRun) -> None:
    """Delete the row and its checkpoints; a version that it made stays, and so do that version's contributions."""
    with transaction.atomic():
        # An update first: it locks the row, so that no worker claims it in between.
        free = TrainingRun.objects.filter(pk=run.pk).exclude(state__in=LIVE)
        if not free.update(state=State.CANCELLED):
            raise RunError("is_live", gettext("%(name)s is being trained. Cancel it first.") % {"name": run.name})
        run.contributions.filter(version=None).delete()
        TrainingRun.objects.filter(pk=run.pk).delete()
        transaction.on_commit(partial(remove_checkpoint, run.name))


def _has_no_process(run: TrainingRun, now: dt.datetime) -> bool:
    limit = dt.timedelta(seconds=3 * site.RUN_HEARTBEAT_SECONDS)
    is_silent = run.heartbeat_at is not None and now - run.heartbeat_at > limit
    return is_silent or is_process_alive(run.process) is False


def check_new_name(name: str) -> None:
    """Raise `RunError` of code "bad_name" or "name_taken" where no version can have this name."""
    try:
        check_name(name)
    except RecognitionError as error:
        raise RunError("bad_name", translated_message(error)) from error
    known = TrainingRun.objects.filter(name=name).exists() or ModelVersion.objects.filter(name=name).exists()
    if known or (site.MODELS_STORE / name).exists():
        raise _taken(name)


def check_files(data: Path, votes: Path | None) -> None:
    """Raise `RunError` of code "data_missing" or "data_unreadable" where training data cannot be read."""
    _check_file(data, "FER2013_PATH", WHERE_TO_GET)
    if votes is not None:
        _check_file(votes, "FER2013_VOTES_PATH", WHERE_TO_GET_VOTES)


def _check_file(path: Path, variable: str, instructions: Any) -> None:
    path = path.resolve()
    if not path.exists():
        raise RunError("data_missing", instructions % {"path": path, "variable": variable})
    if not os.access(path, os.R_OK):
        raise RunError("data_unreadable", gettext("The site is not allowed to read %(path)s.") % {"path": path})


def _taken(name: str) -> RunError:
    return RunError("name_taken", gettext("A run or version called “%(name)s” already exists.") % {"name": name})
