"""Start, cancel and undo bulk jobs; `worker` carries them out."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from analysis.albums.models import Collection
from analysis.bulk.models import BulkJob
from analysis.bulk.worker import LEASES, is_due, run_job
from analysis.consents.services import require_photos_consent
from analysis.deletions.models import PendingDeletion
from analysis.errors import BulkError
from analysis.videos.models import Video
from ferproject.numbers import number

MAX_SELECTED = 10_000
MAX_OPEN = 5
"""Jobs of a user that are queued or running."""
MAX_AT_ONCE = 50
"""So many items are done within the request; of more, a worker does them."""
KEPT_FOR = dt.timedelta(days=1)
"""How long an ended job, with the ids of what it was about, is stored."""
Action, Kind, Status = BulkJob.Action, BulkJob.Kind, BulkJob.Status
ACTIONS = {
    Kind.PHOTOS: (Action.ADD, Action.REMOVE, Action.AGAIN, Action.ZIP, Action.DELETE),
    # No frame of a live session is stored that could be analysed again.
    Kind.SESSIONS: (Action.ADD, Action.REMOVE, Action.ZIP, Action.DELETE),
    Kind.VIDEOS: (Action.ADD, Action.REMOVE, Action.AGAIN, Action.ZIP, Action.DELETE),
}
"""What can be done with each kind."""


def start_job(
    *, owner: Model, action: str, kind: str, rows: QuerySet[Model], collection: Collection | None = None
) -> BulkJob:
    """Do one thing to `rows`, at most `MAX_SELECTED` photos, sessions or videos of the owner.

    A few are done when this returns, more by a worker. A deletion hides them at once, can be undone for
    `DELETION_UNDO_SECONDS`, and is carried out by a worker then. Raises `BulkError` of code "bad_selection",
    "too_many_selected", "too_many_jobs", "unknown_action" or "consent_needed", and changes nothing.
    """
    if action not in ACTIONS[Kind(kind)]:
        text = gettext("There is no action “%(action)s” for %(kind)s. Choose one of %(actions)s.")
        values = {"action": action, "kind": kind, "actions": ", ".join(ACTIONS[Kind(kind)])}
        raise BulkError("unknown_action", text % values)
    if action == Action.AGAIN:
        require_photos_consent(user=owner, error=BulkError)
    if BulkJob.objects.owned_by(owner).filter(status__in=[Status.QUEUED, Status.RUNNING]).count() >= MAX_OPEN:
        text = ngettext(
            "%(count)s action is still in progress. Wait for it to finish, or cancel it.",
            "%(count)s actions are still in progress. Wait for one to finish, or cancel one.",
            MAX_OPEN,
        )
        raise BulkError("too_many_jobs", text % {"count": MAX_OPEN}, retryable=True)
    ids = _selected(kind, rows)
    job = BulkJob(
        owner=owner, action=action, kind=kind, ids=[str(pk) for pk in ids], total=len(ids), collection=collection
    )
    if action == Action.DELETE:
        return _start_deletion(job, ids)
    if action == Action.ZIP:
        job.status, job.done, job.ended_at = Status.FINISHED, len(ids), timezone.now()
        job.save()
        return job
    job.save()
    return _run(job)


def check_count(count: int) -> None:
    """Raise `BulkError` of code "too_many_selected" for more than `MAX_SELECTED`."""
    if count > MAX_SELECTED:
        text = gettext("You can select up to %(count)s items at once. Select fewer.")
        raise BulkError("too_many_selected", text % {"count": number(MAX_SELECTED)})


def cancel_job(*, job: BulkJob) -> None:
    """Undo a deletion that is not due, or end another job before its next items.

    Raises `BulkError` of code "too_late" for a deletion whose time is over, and for a job that has ended.
    """
    if job.action == Action.DELETE:
        with transaction.atomic():
            waiting = BulkJob.objects.select_for_update().filter(pk=job.pk, status=Status.WAITING).first()
            if waiting is None or is_due(waiting):
                raise BulkError("too_late", gettext("It is too late to undo this."))
            waiting.delete()
        return
    rows = BulkJob.objects.filter(pk=job.pk).open()
    if not rows.update(status=Status.CANCELLED, token=None, ended_at=timezone.now()):
        raise BulkError("too_late", gettext("This action has already ended."))


def dismiss_job(*, job: BulkJob) -> None:
    """Forget a job that has ended."""
    BulkJob.objects.filter(pk=job.pk).ended().delete()


def sweep_jobs() -> None:
    """Carry out deletions that are due, send the tasks of lost jobs again, and forget those that ended long ago."""
    for job in BulkJob.objects.filter(status=Status.WAITING):
        if is_due(job) and BulkJob.objects.filter(pk=job.pk, status=Status.WAITING).update(
            status=Status.QUEUED, queued_at=timezone.now()
        ):
            LEASES.send(job.pk)
    LEASES.sweep(status=Status.QUEUED)
    BulkJob.objects.ended().filter(ended_at__lt=timezone.now() - KEPT_FOR).delete()


def _selected(kind: str, rows: QuerySet[Model]) -> list[uuid.UUID]:
    ids = list(rows.values_list("pk", flat=True)[: MAX_SELECTED + 1])
    check_count(len(ids))
    if not ids:
        raise BulkError("bad_selection", gettext("Nothing is selected."))
    return ids


def _start_deletion(job: BulkJob, ids: list[uuid.UUID]) -> BulkJob:
    seconds = settings.DELETION_UNDO_SECONDS
    job.due_at = timezone.now() + dt.timedelta(seconds=seconds)
    job.status = Status.WAITING if seconds else Status.QUEUED
    with transaction.atomic():
        job.save()
        hidden = [PendingDeletion(item_id=pk, job=job) for pk in _with_partners(job.kind, ids)]
        # Of two deletions of one photo, the first has it.
        PendingDeletion.objects.bulk_create(hidden, batch_size=500, ignore_conflicts=True)
    return job if seconds else _run(job)


def _with_partners(kind: str, ids: list[uuid.UUID]) -> Iterable[uuid.UUID]:
    """Return the ids with those of the sessions of videos, or of the videos of sessions."""
    if kind == Kind.PHOTOS:
        return ids
    mine, partner = ("session", "pk") if kind == Kind.SESSIONS else ("pk", "session")
    found: list[uuid.UUID] = []
    for start in range(0, len(ids), 500):
        videos = Video.objects.filter(**{f"{mine}__in": ids[start : start + 500]})
        found += videos.exclude(session=None).values_list(partner, flat=True)
    return [*ids, *found]


def _run(job: BulkJob) -> BulkJob:
    if job.total <= MAX_AT_ONCE and job.action != Action.AGAIN:
        run_job(job_id=job.pk)
        job.refresh_from_db()
    else:
        LEASES.send(job.pk)
    return job
