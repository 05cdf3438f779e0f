"""Whose corrections a run learnt from; what becomes of it when they delete their account."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Model

from training.models import RunContribution, TrainingRun
from training.pipeline import checkpoint_folder


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


def _has_learnt(run: TrainingRun) -> bool:
    """Return whether any weights of the run lie on the disk, of an unfinished checkpoint, too."""
    return any(checkpoint_folder(run.name).glob("*.weights.h5"))
