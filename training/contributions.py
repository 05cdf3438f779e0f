"""Whose corrections a run learnt from; what becomes of it when they delete their account."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Model

from training import runs
from training.errors import RunError
from training.models import RunContribution, TrainingRun
from training.services import checkpoint_folder


def record_contributions(*, run: TrainingRun, corrections: Mapping[int, int]) -> None:
    """Note, before a run learns from them, whose corrections it takes: by user id, how many."""
    with transaction.atomic():
        run.contributions.all().delete()
        # Somebody may have gone since the rows were read.
        there = set(get_user_model().objects.filter(pk__in=corrections).values_list("pk", flat=True))
        RunContribution.objects.bulk_create(
            RunContribution(run=run, user_id=user_id if user_id in there else None, corrections=count)
            for user_id, count in corrections.items()
        )


def versions_learnt_from(*, user: Model) -> list[str]:
    """Return the names of the finished versions that learnt from somebody's corrections."""
    learnt = TrainingRun.objects.filter(contributions__user=user, version__isnull=False)
    return sorted(learnt.values_list("version__name", flat=True))


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
