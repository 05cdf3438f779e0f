"""Remove what a deleted user left in training."""

from __future__ import annotations

import shutil

from django.db.models import Model

from training.errors import RunError
from training.models import TrainingRun
from training.pipeline import checkpoint_folder
from training.runs import services as runs


def remove_checkpoints(*, user: Model) -> bool:
    """Cancel the unfinished runs that learn from somebody's corrections and remove all such runs' checkpoints.

    Returns False as long as one of them still runs: it ends within seconds, so ask again.
    """
    is_done = True
    for run in TrainingRun.objects.filter(contributions__user=user):
        if run.can_cancel:
            try:
                runs.cancel_run(run=run)
            except RunError:
                # It came to its end in this moment.
                run.refresh_from_db()
        run.refresh_from_db()
        if run.is_live:
            is_done = False
        else:
            shutil.rmtree(checkpoint_folder(run.name), ignore_errors=True)
    return is_done
