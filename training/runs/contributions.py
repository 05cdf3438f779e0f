"""Whose corrections runs learnt from, and the deletion of what they learnt."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Model

from training.checkpoints import checkpoint_folder, remove_checkpoint
from training.errors import RunError
from training.models import RunContribution, TrainingRun
from training.runs.services import cancel_run


def record_contributions(*, run: TrainingRun, corrections: Mapping[int, int]) -> bool:
    """Record, before a run learns from them, how many corrections it takes of each user id.

    Users whose corrections the run's checkpoint learnt from before stay recorded. Returns False, and records nothing,
    when a user of `corrections` has left since they were read: read them again.
    """
    with transaction.atomic():
        # A deletion that is requested from here on waits, and then finds the run by these rows.
        active = get_user_model().objects.select_for_update().filter(pk__in=corrections, is_active=True)
        if len(active) < len(corrections):
            return False
        if not any(checkpoint_folder(run.name).glob("*.weights.h5")):
            run.contributions.all().delete()
        earlier = {contribution.user_id: contribution for contribution in run.contributions.all()}
        for user_id, count in corrections.items():
            contribution = earlier.get(user_id) or RunContribution(run=run, user_id=user_id, corrections=0)
            contribution.corrections = max(contribution.corrections, count)
            contribution.save()
    return True


def versions_learnt_from(*, user: Model) -> list[str]:
    """Return the names of the finished versions that learnt from a user's corrections."""
    learnt = RunContribution.objects.filter(user=user, version__isnull=False)
    return sorted(set(learnt.values_list("version_id", flat=True)))


def remove_checkpoints(*, user: Model) -> bool:
    """Cancel the open runs that learn from a user's corrections, and delete all such runs' checkpoints.

    Returns False while one of them is still live: it ends within seconds, so call again.
    """
    is_done = True
    for run in TrainingRun.objects.filter(contributions__user=user):
        if run.can_cancel:
            # It may have ended meanwhile.
            with suppress(RunError):
                cancel_run(run=run)
        run.refresh_from_db()
        if run.is_live:
            is_done = False
        else:
            remove_checkpoint(run.name)
    return is_done
