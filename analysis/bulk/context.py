"""Template variables of every page: what the user's bulk actions are at."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from analysis.bulk.models import BulkJob
from analysis.bulk.words import describe

SHOWN = 5


def bulk_jobs(request: HttpRequest) -> dict[str, Any]:
    """Return `bulk_jobs`, read only by templates that show them, and `undo_seconds` of a deletion."""
    return {
        "bulk_jobs": SimpleLazyObject(lambda: _shown(request)),
        "bulk_next": request.GET.get("next") or request.get_full_path(),
        "undo_seconds": settings.DELETION_UNDO_SECONDS,
    }


def _shown(request: HttpRequest) -> list[BulkJob]:
    jobs = BulkJob.objects.owned_by(request.user).exclude(action=BulkJob.Action.ZIP).defer("ids")
    # What was deleted is gone, and nobody needs to hear of it again.
    ended = {"action": BulkJob.Action.DELETE, "status": BulkJob.Status.FINISHED}
    shown: list[BulkJob] = list(jobs.exclude(**ended).select_related("collection").newest_first()[:SHOWN])
    for job in shown:
        job.words = describe(job)  # type: ignore[attr-defined]
    return shown
