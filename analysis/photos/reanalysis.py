"""Jobs that analyse a user's history again with the active version.

A worker leases the job and renews the lease with every photo. A job that is resumed skips the photos done before, which
have no older result any more.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Model, Q
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_noop

from analysis import engine
from analysis.consents.models import Consent
from analysis.consents.services import require_photos_consent
from analysis.errors import ReanalysisError
from analysis.photos import services
from analysis.photos.models import Photo, ReanalysisJob
from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Box
from analysis.recognition.result import Recognition
from ferproject.queue.leases import Leases

Status = ReanalysisJob.Status
_UNEXPECTED = gettext_noop("Something went wrong on the server. You can start again.")
TURN_SECONDS = 30
"""How long a job runs before it gives way to others that wait."""
LEASES = Leases(
    ReanalysisJob,
    held=Q(status=Status.RUNNING),
    waiting=Q(status=Status.QUEUED),
    task="analysis.tasks.reanalyze_history",
)


def start_reanalysis(*, owner: Model) -> ReanalysisJob:
    """Queue a job for the photos that another version or detector analysed, or return the open job.

    Raises `ReanalysisError` without such photos or without the owner's consent, and `RecognitionError` when the active
    version cannot be loaded.
    """
    require_photos_consent(user=owner, error=ReanalysisError)
    model = engine.active_model().name
    total = Photo.objects.owned_by(owner).count_outdated(model, settings.FACE_DETECTOR)
    if not total:
        message = gettext("All your photos have already been analysed with %(model)s.") % {"model": model}
        raise ReanalysisError("nothing_to_do", message)
    try:
        with transaction.atomic():
            ReanalysisJob.objects.owned_by(owner).ended().delete()
            job = ReanalysisJob.objects.create(owner=owner, model=model, total=total)
            transaction.on_commit(lambda: LEASES.send(job.pk))
    except IntegrityError:
        return ReanalysisJob.objects.owned_by(owner).open().get()
    return job


def cancel_reanalysis(*, job: ReanalysisJob) -> bool:
    """End a job before its next photo, keeping the new results; return whether it was open."""
    rows = ReanalysisJob.objects.filter(pk=job.pk).open()
    return bool(rows.update(status=Status.CANCELLED, token=None, ended_at=timezone.now()))


@translation.override(None)
def run_reanalysis(*, job_id: uuid.UUID, is_another_waiting: Callable[..., bool] | None = None) -> None:
    """Run a queued job, unless another worker has claimed it; after `TURN_SECONDS`, queue it again if others wait.

    `is_another_waiting`, called with an `owner_id`, tells whether somebody else's work of another kind waits.
    """
    token = LEASES.claim(ReanalysisJob.objects.filter(pk=job_id, status=Status.QUEUED), status=Status.RUNNING)
    if token is None:
        return
    owner_id, began = ReanalysisJob.objects.get(pk=job_id).owner_id, time.monotonic()
    try:
        for photo in _outdated_photos(owner_id):
            if not _analyse_again(photo, token):
                return
            if time.monotonic() - began >= TURN_SECONDS:
                if _is_another_queued(owner_id) or (is_another_waiting and is_another_waiting(owner_id=owner_id)):
                    _queue_again(job_id, token)
                    return
                began = time.monotonic()
    except (RecognitionError, ReanalysisError) as error:
        _end(token, Status.FAILED, error.message)
    except Exception:
        _end(token, Status.FAILED, _UNEXPECTED)
        raise
    else:
        _end(token, Status.FINISHED)


def sweep_reanalyses() -> None:
    """Queue jobs again whose worker or message is lost."""
    LEASES.sweep(status=Status.QUEUED)


def renew_result(*, photo: Photo) -> bool:
    """Analyse one photo with the active version, unless it did already; return False where it cannot be read.

    Raises `RecognitionError` where the server is at fault.
    """
    if (photo.model, photo.detector) == (engine.active_model().name, settings.FACE_DETECTOR):
        return True
    again = _Again.of(photo)
    if again is not None:
        with transaction.atomic():
            again.save()
    return again is not None


def cancel_on_withdrawal(*, user: Model, purpose: str, **kwargs: Any) -> None:
    """Cancel a user's open job with the consent to photos; a receiver of `consent_withdrawn`."""
    if purpose == Consent.Purpose.PHOTOS:
        for job in ReanalysisJob.objects.owned_by(user).open():
            cancel_reanalysis(job=job)


def _outdated_photos(owner_id: int) -> Iterator[Photo]:
    """Yield photos with the result of another version or detector, newest first; restart when the version changes."""
    photos = Photo.objects.filter(owner=owner_id).with_picture().newest_first()
    while True:
        model = engine.active_model().name
        last: Photo | None = None
        while (
            photo := (photos.older_than(last) if last else photos)
            .exclude(model=model, detector=settings.FACE_DETECTOR)
            .first()
        ):
            yield photo
            last = photo
        if engine.active_model().name == model:
            return


def _analyse_again(photo: Photo, token: uuid.UUID) -> bool:
    """Save a photo's new result and count it; return False when the lease is lost."""
    require_photos_consent(user=photo.owner, error=ReanalysisError)
    again = _Again.of(photo)
    with transaction.atomic():
        if not LEASES.renew(token, done=F("done") + 1, failed=F("failed") + int(again is None)):
            return False
        if again is not None:
            again.save()
    return True


@dataclass(frozen=True)
class _Again:
    """A photo's new result, made with the faces that were marked in it then."""

    photo: Photo
    marks: list[Box]
    recognition: Recognition

    @classmethod
    def of(cls, photo: Photo) -> _Again | None:
        """Recognize the stored picture; None where it cannot be read."""
        marks = services.marked_boxes(photo)
        try:
            recognition = engine.retry_while_busy(lambda: services.recognize_photo(photo=photo, marks=marks))
        except (FileNotFoundError, RecognitionError) as error:
            if getattr(error, "code", None) in engine.SERVER_FAULTS:
                raise
            return None
        return cls(photo, marks, recognition)

    def save(self) -> None:
        """Save it, in the caller's transaction, unless the photo was deleted, or a face marked, since."""
        is_there = Photo.objects.select_for_update().filter(pk=self.photo.pk).exists()
        if is_there and services.marked_boxes(self.photo) == self.marks:
            services.record_analysis(photo=self.photo, recognition=self.recognition)


def _is_another_queued(owner_id: int) -> bool:
    return ReanalysisJob.objects.filter(status=Status.QUEUED).exclude(owner=owner_id).exists()


def _queue_again(job_id: uuid.UUID, token: uuid.UUID) -> None:
    """Queue a running job behind those that wait."""
    if LEASES.held_by(token).update(status=Status.QUEUED, token=None, queued_at=timezone.now()):
        LEASES.send(job_id)


def _end(token: uuid.UUID, status: Status, message: str = "") -> None:
    LEASES.held_by(token).update(status=status, message=message, token=None, ended_at=timezone.now())
