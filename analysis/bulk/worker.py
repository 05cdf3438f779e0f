"""What workers do with a bulk job: batch after batch, renewing its lease with each.

Every action may be done to an item twice, so a job whose worker died goes on with the batch that was under way.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext

from analysis.albums.services import add_items, remove_items
from analysis.bulk.models import BulkJob
from analysis.consents.services import require_photos_consent
from analysis.deletions.models import PendingDeletion
from analysis.errors import AnalysisError, BulkError, VideoError
from analysis.files.storage import is_storage_reachable
from analysis.photos.models import Photo
from analysis.photos.reanalysis import renew_result
from analysis.photos.services import delete_photos
from analysis.recognition.errors import RecognitionError
from analysis.sessions.services import delete_sessions
from analysis.videos.models import Video
from analysis.videos.services import delete_video, retry_video
from ferproject.languages import written_for
from ferproject.queue.leases import Leases

Status, Action, Kind = BulkJob.Status, BulkJob.Action, BulkJob.Kind
TURN_SECONDS = 30
"""How long a job runs before others have their turn."""
LEASES = Leases(
    BulkJob,
    held=Q(status=Status.RUNNING),
    waiting=Q(status=Status.QUEUED),
    task="analysis.tasks.run_bulk_job",
)


def run_job(*, job_id: uuid.UUID) -> None:
    """Run a queued job, unless another worker has claimed it; after `TURN_SECONDS`, queue it again."""
    token = LEASES.claim(BulkJob.objects.filter(pk=job_id, status=Status.QUEUED), status=Status.RUNNING)
    if token is None:
        return
    job = BulkJob.objects.select_related("owner", "collection").get(pk=job_id)
    try:
        with written_for(job.owner):
            if not _run_turn(job, token):
                return
    except Exception as error:
        is_known = isinstance(error, AnalysisError | RecognitionError)
        message = str(error) if is_known else gettext("Something went wrong on the server.")
        if job.action == Action.DELETE:
            # What was deleted must not stay hidden: the sweeper has it tried again.
            LEASES.held_by(token).update(status=Status.QUEUED, token=None, queued_at=timezone.now(), message=message)
        else:
            _end(token, status=Status.FAILED, message=message)
        if not is_known:
            raise
    else:
        # The ids of what was deleted are deleted with it.
        _end(token, status=Status.FINISHED, message="", **({"ids": []} if job.action == Action.DELETE else {}))


def is_due(job: BulkJob) -> bool:
    """Return whether a deletion can be undone no more; one that is due far in the future is from before a set clock."""
    left = (job.due_at or timezone.now()) - timezone.now()
    return not dt.timedelta() < left <= dt.timedelta(seconds=settings.DELETION_UNDO_SECONDS)


def _run_turn(job: BulkJob, token: uuid.UUID) -> bool:
    """Do what is left to do; return False where the lease was lost, or the job queued again."""
    step, size, began = STEPS[Action(job.action)], _batch_size(job), time.monotonic()
    for start in range(job.done, job.total, size):
        ids = [uuid.UUID(text) for text in job.ids[start : start + size]]
        failed = step(job, ids)
        if not LEASES.renew(token, done=F("done") + len(ids), failed=F("failed") + failed):
            return False
        if time.monotonic() - began >= TURN_SECONDS and start + size < job.total:
            if LEASES.held_by(token).update(status=Status.QUEUED, token=None, queued_at=timezone.now()):
                LEASES.send(job.pk)
            return False
    return True


def _end(token: uuid.UUID, **values: object) -> None:
    LEASES.held_by(token).update(token=None, ended_at=timezone.now(), **values)


def _batch_size(job: BulkJob) -> int:
    """Return how many items lock the database for a short time only; a session may have ten thousand rows."""
    if job.action == Action.AGAIN:
        return 1
    return 200 if job.kind == Kind.PHOTOS else 10


def _add(job: BulkJob, ids: list[uuid.UUID]) -> int:
    assert job.collection is not None
    add_items(collection=job.collection, **_members(job, ids))
    return 0


def _remove(job: BulkJob, ids: list[uuid.UUID]) -> int:
    assert job.collection is not None
    remove_items(collection=job.collection, **_members(job, ids))
    return 0


def _members(job: BulkJob, ids: list[uuid.UUID]) -> dict[str, list[uuid.UUID]]:
    """Return the arguments of `add_items`; a video is in a collection by its session."""
    if job.kind == Kind.PHOTOS:
        return {"photos": ids}
    if job.kind == Kind.SESSIONS:
        return {"sessions": ids}
    analysed = Video.objects.owned_by(job.owner).filter(pk__in=ids).exclude(session=None)
    return {"sessions": list(analysed.values_list("session", flat=True))}


def _again(job: BulkJob, ids: list[uuid.UUID]) -> int:
    """Analyse photos with the active version, and failed videos once more."""
    if job.kind == Kind.VIDEOS:
        return sum(not _retry(video) for video in Video.objects.owned_by(job.owner).filter(pk__in=ids))
    require_photos_consent(user=job.owner, error=BulkError)
    return sum(not renew_result(photo=photo) for photo in Photo.objects.owned_by(job.owner).filter(pk__in=ids))


def _retry(video: Video) -> bool:
    try:
        retry_video(video=video)
    except VideoError as error:
        if error.code != "cannot_retry":
            raise
        return False
    return True


def _delete(job: BulkJob, ids: list[uuid.UUID]) -> int:
    """Delete what this job hides, for good, in the transaction in which it is hidden no more."""
    if not is_storage_reachable():
        raise BulkError(
            "files_absent", gettext("The files cannot be reached right now. The deletion will continue later.")
        )
    if job.kind == Kind.VIDEOS:
        for video in Video._base_manager.filter(pk__in=ids, owner=job.owner):
            with transaction.atomic():
                if _reveal(job, [video.pk]):
                    _reveal(job, [video.session_id])
                    delete_video(video=video)
        return 0
    with transaction.atomic():
        mine = _reveal(job, ids)
        if job.kind == Kind.PHOTOS:
            delete_photos(owner=job.owner, ids=mine)
        else:
            _reveal(job, list(Video._base_manager.filter(session__in=mine).values_list("pk", flat=True)))
            delete_sessions(owner=job.owner, ids=mine)
    return 0


def _reveal(job: BulkJob, ids: list[uuid.UUID]) -> list[uuid.UUID]:
    """Hide these no more, for the rest of the transaction; return which of them the job hid."""
    hidden = PendingDeletion.objects.filter(job=job, item_id__in=ids)
    found = list(hidden.values_list("item_id", flat=True))
    hidden.delete()
    return found


STEPS: dict[Action, Callable[[BulkJob, list[uuid.UUID]], int]] = {
    Action.ADD: _add,
    Action.REMOVE: _remove,
    Action.AGAIN: _again,
    Action.DELETE: _delete,
}
"""What is done to some of a job's ids; each returns how many of them it could not be done to."""
