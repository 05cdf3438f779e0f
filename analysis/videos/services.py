"""Services of videos: upload in parts, cancel, retry, delete, and the sweep; `worker` analyses them."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from analysis.consents.models import Consent
from analysis.consents.services import require_photos_consent
from analysis.errors import VideoError
from analysis.files.quota import check_quota
from analysis.files.storage import disk_full_as, display_name
from analysis.sessions.models import Session
from analysis.sessions.services import delete_session
from analysis.videos import upload_parts
from analysis.videos.limits import check_head, megabytes
from analysis.videos.models import Video
from analysis.videos.work_dirs import work_root
from analysis.webhooks.models import Event
from analysis.webhooks.services import record_event
from ferproject.queue.leases import Leases

Status = Video.Status
MAX_PART_BYTES = 8_000_000
MAX_UNFINISHED = 10
"""Unfinished videos per user."""
MAX_ATTEMPTS = 3
"""A video whose worker died this often may be the cause, and is not analysed again."""
KEPT_FOR = dt.timedelta(days=1)
"""How long an interrupted upload, and the file of a failed video, are kept."""
_EBML = b"\x1aE\xdf\xa3"
_ATOMS = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}
"""First boxes of MP4 and MOV files; QuickTime's own files may begin with others than `ftyp`."""
_INTERRUPTED = gettext_noop("The server was interrupted repeatedly while it analysed this video. You can try again.")
VIDEO_LEASES = Leases(
    Video, held=Q(status=Status.RUNNING), waiting=Q(status=Status.QUEUED), task="analysis.tasks.analyze_video"
)


def create_video(*, owner: Model, name: str, size: int, people_agreed_at: dt.datetime | None = None) -> Video:
    """Begin an upload of `size` bytes; raise `VideoError` if the video is not accepted.

    `people_agreed_at` is when the owner stated that the people in the video agreed, None without a statement.
    """
    require_photos_consent(user=owner, error=VideoError)
    if size <= 0:
        raise VideoError("empty_file", gettext("This file is empty. Choose another one."))
    if size > settings.VIDEO_MAX_BYTES:
        message = gettext("This video is %(size)s MB. Videos can be up to %(limit)s MB.")
        values = {"size": megabytes(size), "limit": megabytes(settings.VIDEO_MAX_BYTES)}
        raise VideoError("too_large", message % values)
    with transaction.atomic():
        # A lock, so that concurrent uploads count each other.
        get_user_model()._default_manager.select_for_update().get(pk=owner.pk)
        check_quota(owner=owner, more=size, error=VideoError)
        if Video.objects.owned_by(owner).unfinished().count() >= MAX_UNFINISHED:
            message = gettext("%(count)s of your videos are not done yet. Wait for one of them, or cancel one.")
            raise VideoError("too_many_videos", message % {"count": MAX_UNFINISHED}, retryable=True)
        return Video.objects.create(
            owner=owner,
            name=display_name(name, default=gettext("Video")),
            bytes=size,
            file=upload_parts.new_name(),
            people_agreed_at=people_agreed_at,
        )


def append_part(*, video: Video, offset: int, data: bytes) -> Video:
    """Save the next part of an upload and return the reloaded video; the last part queues the analysis.

    Raises `VideoError`, with the `received` bytes if the part does not begin there. Deletes the upload if its first
    part shows that the file cannot be accepted.
    """
    require_photos_consent(user=video.owner, error=VideoError)
    _check_part(video, offset, data)
    if offset == 0:
        _check_first_part(video, data)
    with disk_full_as(VideoError):
        upload_parts.save_part(video.file.name, offset, data)
    received, now = offset + len(data), timezone.now()
    queued = {"status": Status.QUEUED, "queued_at": now} if received == video.bytes else {}
    with transaction.atomic():
        expected = Video.objects.filter(pk=video.pk, status=Status.UPLOADING, received=offset)
        is_appended = expected.update(received=received, heartbeat_at=now, **queued)
        if is_appended and queued:
            transaction.on_commit(lambda: VIDEO_LEASES.send(video.pk))
    current = Video.objects.filter(pk=video.pk).first()
    if current is None or not current.file:
        # Cancelled meanwhile: nothing else would remove the part. If the same part was sent twice and completed the
        # upload, the file is still there, and the worker needs it.
        upload_parts.remove_all(video.file.name)
    if current is None or (not is_appended and current.status != Status.UPLOADING):
        raise _not_uploading()
    if not is_appended:
        raise _wrong_offset(current, offset)
    return current


def cancel_video(*, video: Video) -> bool:
    """Delete an unfinished upload, or cancel an analysis; return whether there was either."""
    with transaction.atomic():
        locked = Video.objects.select_for_update().filter(pk=video.pk).unfinished().first()
        if locked is None:
            return False
        if locked.status == Status.UPLOADING:
            locked.delete()
        else:
            end_video(locked, Status.CANCELLED, keeps_file=False)
    return True


def retry_video(*, video: Video) -> None:
    """Queue a failed video again; raise `VideoError` if its file is not kept."""
    require_photos_consent(user=video.owner, error=VideoError)
    queued = {"status": Status.QUEUED, "queued_at": timezone.now(), "ended_at": None, "attempts": 0, "progress": 0.0}
    with transaction.atomic():
        if not Video.objects.filter(pk=video.pk).retryable().update(**queued, message=""):
            raise VideoError("cannot_retry", gettext("This video cannot be tried again. Upload it once more."))
        transaction.on_commit(lambda: VIDEO_LEASES.send(video.pk))


def send_next(*, owner_id: int) -> None:
    """Send a task for the user's next queued video; workers analyse one of a user's videos at a time."""
    video = Video.objects.filter(owner=owner_id, status=Status.QUEUED).oldest_first().first()
    if video is not None:
        VIDEO_LEASES.send(video.pk)


def is_another_waiting(*, owner_id: int) -> bool:
    """Return whether a video of somebody else is queued."""
    return Video.objects.filter(status=Status.QUEUED).exclude(owner=owner_id).exists()


def delete_video(*, video: Video) -> None:
    """Delete a video with its files, its session and its part of the history's sums."""
    with transaction.atomic():
        # From here on no worker can finish it.
        Video.objects.filter(pk=video.pk).unfinished().update(status=Status.CANCELLED, token=None)
        session = Session.objects.filter(video=video.pk).first()
        if session is not None:
            delete_session(session=session)  # cascades to the video
        Video.objects.filter(pk=video.pk).delete()


def drop_annotated(*, video: Video) -> None:
    """Delete an annotated video and keep its session."""
    with transaction.atomic():
        Video.objects.filter(pk=video.pk).update(annotated="", annotated_bytes=0)
        transaction.on_commit(lambda: upload_parts.remove_all("", video.annotated.name))


def end_video(video: Video, status: str, message: str = "", *, keeps_file: bool) -> None:
    """Write, in the caller's transaction, that a video's analysis is over."""
    video.status, video.message, video.token, video.ended_at = status, message, None, timezone.now()
    video.save(update_fields=["status", "message", "token", "ended_at"])
    if not keeps_file:
        _forget_file(video)
    if status in (Status.FINISHED, Status.FAILED):
        _record_end(video)


def _forget_file(video: Video) -> None:
    file = video.file.name
    video.file = ""
    video.save(update_fields=["file"])
    transaction.on_commit(lambda: upload_parts.remove_all(file))


def _record_end(video: Video) -> None:
    session = video.session_id and str(video.session_id)
    data = {"video": str(video.pk), "status": str(video.status), "session": session}
    record_event(event=Event.VIDEO_FINISHED, data=data, owner_id=video.owner_id)


def sweep_videos() -> None:
    """Queue lost videos again, and delete interrupted uploads and failed videos' files after a day."""
    now = timezone.now()
    given_up = VIDEO_LEASES.lost().filter(attempts__gte=MAX_ATTEMPTS)
    with transaction.atomic():
        for video in given_up.select_for_update():
            end_video(video, Status.FAILED, _INTERRUPTED, keeps_file=True)
    VIDEO_LEASES.sweep(status=Status.QUEUED)
    limit = now - KEPT_FOR
    with transaction.atomic():
        Video.objects.filter(status=Status.UPLOADING, heartbeat_at__lt=limit).delete()
        for video in Video.objects.select_for_update().retryable().filter(ended_at__lt=limit):
            _forget_file(video)


def sweep_work_dirs() -> None:
    """Remove the folders that killed workers of this host left."""
    for folder in work_root().glob("*"):
        with suppress(FileNotFoundError):  # another worker may be sweeping, too
            age = time.time() - folder.stat().st_mtime
            token = folder.name.rpartition(".")[2]
            # The lease of a new folder may not be committed yet.
            if age > settings.RUN_LOST_SECONDS and not VIDEO_LEASES.held_by(token).exists():
                shutil.rmtree(folder, ignore_errors=True)


def cancel_on_withdrawal(*, user: Model, purpose: str, **kwargs: Any) -> None:
    """Cancel the unfinished videos of a user who withdraws the consent to photos and videos."""
    if purpose == Consent.Purpose.PHOTOS:
        for video in Video.objects.owned_by(user).unfinished():
            cancel_video(video=video)


def _check_part(video: Video, offset: int, data: bytes) -> None:
    if video.status != Status.UPLOADING:
        raise _not_uploading()
    if offset != video.received:
        raise _wrong_offset(video, offset)
    if not 0 < len(data) <= MAX_PART_BYTES:
        message = gettext("Expected a part of 1 to %(limit)s bytes; got %(size)s.")
        raise VideoError("bad_part", message % {"limit": MAX_PART_BYTES, "size": len(data)})
    if offset + len(data) > video.bytes:
        message = gettext("This video was announced with %(announced)s bytes; with this part it has %(size)s.")
        raise VideoError("too_much", message % {"announced": video.bytes, "size": offset + len(data)})


def _check_first_part(video: Video, data: bytes) -> None:
    """Raise `VideoError` if the file is no video or states too much; delete the upload then.

    Nobody would continue it, and for a day it would count among the owner's unfinished videos.
    """
    try:
        if not (data.startswith(_EBML) or data[4:8] in _ATOMS):
            message = gettext("This file is not a video. Choose an MP4, MOV or WebM file.")
            raise VideoError("not_a_video", message)
        check_head(data)
    except VideoError:
        Video.objects.filter(pk=video.pk, status=Status.UPLOADING, received=0).delete()
        raise


def _wrong_offset(video: Video, offset: int) -> VideoError:
    message = gettext("Expected the part that begins at byte %(expected)s; got one that begins at %(offset)s.")
    values = {"expected": video.received, "offset": offset}
    return VideoError("wrong_offset", message % values, received=video.received)


def _not_uploading() -> VideoError:
    return VideoError("not_uploading", gettext("This upload has ended or was cancelled. No further part is expected."))
