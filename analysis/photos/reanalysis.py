"""Analysing one's history again with the version that serves: asked for, worked off, watched, cancelled.

The row is the truth: a worker claims it, proves with every photo that it still holds it, and stops when it does
not. What was done before a worker died is not done again, for those photos no longer have an older result.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Model
from django.utils import timezone

from analysis import engine
from analysis.consents.models import Consent
from analysis.consents.services import require_photos_consent
from analysis.errors import ReanalysisError
from analysis.files.storage import open_kept
from analysis.photos import services
from analysis.photos.models import Photo
from analysis.photos.reanalysis_models import ReanalysisJob
from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Recognition
from ferproject.queue.broker import BrokerAway, send

Status = ReanalysisJob.Status
OUR_TROUBLE = {"model_missing", "model_corrupt", "detector_missing"}
"""Errors that every further photo would meet too."""
BUSY_SECONDS = 0.2
logger = logging.getLogger(__name__)


def start_reanalysis(*, owner: Model) -> ReanalysisJob:
    """Queue a pass over the photos that another version than the serving one analysed.

    Returns the open job where there is one. Raises `ReanalysisError` when there is nothing to do or the owner has not
    agreed, and `RecognitionError` when no version serves.
    """
    require_photos_consent(user=owner, error=ReanalysisError)
    model = engine.active_model().name
    total = Photo.objects.owned_by(owner).count_outdated(model)
    if not total:
        raise ReanalysisError("nothing_to_do", f"All your photos were analysed with {model} already.")
    try:
        with transaction.atomic():
            ReanalysisJob.objects.owned_by(owner).ended().delete()
            job = ReanalysisJob.objects.create(owner=owner, model=model, total=total)
            transaction.on_commit(lambda: _send(job.pk))
    except IntegrityError:
        return ReanalysisJob.objects.owned_by(owner).open().get()
    return job


def cancel_reanalysis(*, job: ReanalysisJob) -> bool:
    """Stop a job before its next photo; return whether it was still open. What it did stays."""
    now = timezone.now()
    return bool(
        ReanalysisJob.objects.filter(pk=job.pk).open().update(status=Status.CANCELLED, token=None, ended_at=now)
    )


def dismiss_reanalysis(*, job: ReanalysisJob) -> None:
    """Forget a job that has ended."""
    ReanalysisJob.objects.filter(pk=job.pk).ended().delete()


def run_reanalysis(*, job_id: uuid.UUID) -> None:
    """Work a queued job off, unless somebody else does."""
    token = uuid.uuid4()
    queued = ReanalysisJob.objects.filter(pk=job_id, status=Status.QUEUED)
    if not queued.update(status=Status.RUNNING, token=token, heartbeat_at=timezone.now()):
        return
    try:
        for photo in _outdated_photos(ReanalysisJob.objects.get(pk=job_id).owner_id):
            if not _renew(photo, token):
                return
    except (RecognitionError, ReanalysisError) as error:
        _end(token, Status.FAILED, error.message)
    except Exception:
        _end(token, Status.FAILED, "Something went wrong on the server; its log says more. You can start again.")
        raise
    else:
        _end(token, Status.FINISHED)


def sweep_reanalyses() -> None:
    """Queue again what a worker lost, or what the broker seems to have lost."""
    now = timezone.now()
    limit = now - dt.timedelta(seconds=settings.RUN_LOST_SECONDS)
    ReanalysisJob.objects.silent_since(limit).update(status=Status.QUEUED, token=None, queued_at=limit)
    for job in ReanalysisJob.objects.unclaimed_since(limit + dt.timedelta(microseconds=1)):
        # Two sweepers at once: one gets to send it.
        if ReanalysisJob.objects.filter(pk=job.pk, queued_at=job.queued_at).update(queued_at=now):
            _send(job.pk)


def cancel_on_withdrawal(*, user: Model, purpose: str, **kwargs: Any) -> None:
    """Cancel the open job of a user who withdraws the consent to photos; a receiver of `consent_withdrawn`."""
    if purpose == Consent.Purpose.PHOTOS:
        for job in ReanalysisJob.objects.owned_by(user).open():
            cancel_reanalysis(job=job)


def _send(job_id: uuid.UUID) -> None:
    try:
        send("analysis.tasks.reanalyze_history", str(job_id))
    except BrokerAway as error:
        logger.warning("%s Re-analysis %s waits for the sweeper.", error, job_id)


def _outdated_photos(owner_id: int) -> Iterator[Photo]:
    """Yield the owner's photos with an older result, newest first; again from the start when another version serves."""
    photos = Photo.objects.filter(owner=owner_id).with_picture().newest_first()
    while True:
        model = engine.active_model().name
        place: Photo | None = None
        while photo := (photos.older_than(place) if place else photos).not_analysed_by(model).first():
            yield photo
            place = photo
        if engine.active_model().name == model:
            return


def _renew(photo: Photo, token: uuid.UUID) -> bool:
    """Give a photo its new result, and count it; False when the claim is no more."""
    require_photos_consent(user=photo.owner, error=ReanalysisError)
    try:
        recognition = _recognize(photo)
    except FileNotFoundError:
        recognition = None
    except RecognitionError as error:
        if error.code in OUR_TROUBLE:
            raise
        recognition = None
    with transaction.atomic():
        if not _count(token, failed=recognition is None):
            return False
        # It may have been deleted while it was looked at.
        if recognition is not None and Photo.objects.select_for_update().filter(pk=photo.pk).exists():
            services.record_analysis(photo=photo, recognition=recognition)
    return True


def _recognize(photo: Photo) -> Recognition:
    """Recognize the kept picture's faces, their boxes in the original's pixels."""
    with open_kept(photo.picture.name) as handle:
        data = handle.read()
    while True:
        try:
            recognition = engine.recognize(data)
            break
        except RecognitionError as error:
            if error.code != "busy":
                raise
            time.sleep(BUSY_SECONDS)
    scale = photo.width / recognition.width
    faces = tuple(replace(face, box=face.box.scaled(scale)) for face in recognition.faces)
    return replace(recognition, width=photo.width, height=photo.height, faces=faces)


def _count(token: uuid.UUID, *, failed: bool) -> bool:
    return bool(
        ReanalysisJob.objects.filter(token=token, status=Status.RUNNING).update(
            done=F("done") + 1, failed=F("failed") + failed, heartbeat_at=timezone.now()
        )
    )


def _end(token: uuid.UUID, status: Status, message: str = "") -> None:
    ReanalysisJob.objects.filter(token=token, status=Status.RUNNING).update(
        status=status, message=message, token=None, ended_at=timezone.now()
    )
