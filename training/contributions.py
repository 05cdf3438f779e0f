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


def record_contributions(*, run: TrainingRun, corrections: Mapping[int, int]) -> bool:
    """Note, before a run learns from them, whose corrections it takes: by user id, how many.

    Whom its checkpoint learnt from before stays noted, though their corrections may be gone by now. Returns False,
    having noted nothing, when somebody of `corrections` left since they were read: read them again.
    """
    with transaction.atomic():
        # Whoever asks for deletion from here on waits, and then finds the run by what is noted here.
        active = get_user_model().objects.select_for_update().filter(pk__in=corrections, is_active=True)
        if len(active) < len(corrections):
            return False
        if not _has_learnt(run):
            run.contributions.all().delete()
        earlier = {contribution.user_id: contribution for contribution in run.contributions.all()}
        for user_id, count in corrections.items():
            contribution = earlier.get(user_id) or RunContribution(run=run, user_id=user_id, corrections=0)
            contribution.corrections = max(contribution.corrections, count)
            contribution.save()
    return True


def versions_learnt_from(*, user: Model) -> list[str]:
    """Return the names of the finished versions that learnt from somebody's corrections."""
    learnt = RunContribution.objects.filter(user=user, version__isnull=False)
    return sorted(set(learnt.values_list("version_id", flat=True)))


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


def _has_learnt(run: TrainingRun) -> bool:
    """Return whether any weights of the run lie on the disk, of an unfinished checkpoint, too."""
    return any(checkpoint_folder(run.name).glob("*.weights.h5"))
