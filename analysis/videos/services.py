"""Every write to videos: they arrive in parts, wait for a worker, are cancelled, tried again and deleted.

`worker` is the worker's side.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone

from analysis.consents.models import Consent
from analysis.consents.services import require_photos_consent
from analysis.errors import VideoError
from analysis.files.quota import check_quota
from analysis.files.storage import disk_full_as, display_name
from analysis.sessions.models import Session
from analysis.sessions.services import delete_session
from analysis.videos import upload_parts as video_files
from analysis.videos.models import Video
from ferproject.queue.leases import Leases

Status = Video.Status
MAX_PART_BYTES = 8_000_000
MAX_UNFINISHED = 10
"""Videos of one person that may be on their way at once."""
MAX_ATTEMPTS = 3
"""A video whose worker died so often is not tried again: it may be what they die of."""
KEPT_FOR = dt.timedelta(days=1)
"""An upload that is not gone on with, and the file of a video that failed, are kept for so long."""
_EBML = b"\x1aE\xdf\xa3"
_ATOMS = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}
"""What the first box of an MP4 or MOV file is; QuickTime's own began with others than `ftyp`."""
_EXPECTED = "a video (MP4, MOV or WebM)"
VIDEO_LEASES = Leases(
    Video, held=Q(status=Status.RUNNING), waiting=Q(status=Status.QUEUED), task="analysis.tasks.analyze_video"
)


def create_video(*, owner: Model, name: str, size: int, people_agreed_at: dt.datetime | None = None) -> Video:
    """Begin an upload of `size` bytes; raise `VideoError` where a video of that size is not taken.

    `people_agreed_at` is when the owner said that whoever is to be seen in it agreed, None where they did not say.
    """
    require_photos_consent(user=owner, error=VideoError)
    if size <= 0:
        raise VideoError("empty_file", f"The file is empty; expected {_EXPECTED}.")
    if size > settings.VIDEO_MAX_BYTES:
        came, most = size / 1_000_000, settings.VIDEO_MAX_BYTES / 1_000_000
        raise VideoError("too_large", f"This video has {came:.1f} MB; {most:g} MB is the most.")
    with transaction.atomic():
        # Of two that begin at once the second waits here, and counts the first.
        get_user_model()._default_manager.select_for_update().get(pk=owner.pk)
        check_quota(owner=owner, more=size, error=VideoError)
        if Video.objects.owned_by(owner).unfinished().count() >= MAX_UNFINISHED:
            message = (
                f"{MAX_UNFINISHED} of your videos are on their way already; wait for one to finish, or cancel one."
            )
            raise VideoError("too_many_videos", message, retryable=True)
        return Video.objects.create(
            owner=owner,
            name=display_name(name, default="video"),
            bytes=size,
            file=video_files.new_name(),
            people_agreed_at=people_agreed_at,
        )


def append_part(*, video: Video, offset: int, data: bytes) -> Video:
    """Keep the next part of an upload; the last one queues the analysis. Return the video as it is now.

    Raises `VideoError`, with what was `received`, when the part does not follow on what is here.
    """
    require_photos_consent(user=video.owner, error=VideoError)
    _check_part(video, offset, data)
    with disk_full_as(VideoError, "this part of the video"):
        video_files.keep_part(video.file.name, offset, data)
    received, now = offset + len(data), timezone.now()
    whole = {"status": Status.QUEUED, "queued_at": now} if received == video.bytes else {}
    with transaction.atomic():
        here = Video.objects.filter(pk=video.pk, status=Status.UPLOADING, received=offset)
        taken = here.update(received=received, heartbeat_at=now, **whole)
        if taken and whole:
            transaction.on_commit(lambda: VIDEO_LEASES.send(video.pk))
    now_is = Video.objects.filter(pk=video.pk).first()
    if now_is is None or not now_is.file:
        # Cancelled while the part was on its way: nothing else would ever remove it. An upload that became whole
        # meanwhile, by the same part sent twice, still has its file, which a worker needs.
        video_files.remove_all(video.file.name)
    if now_is is None or (not taken and now_is.status != Status.UPLOADING):
        raise _not_uploading()
    if not taken:
        raise _wrong_offset(now_is, offset)
    return now_is


def cancel_video(*, video: Video) -> bool:
    """Stop an upload, which is forgotten, or an analysis; return whether there was anything to stop."""
    with transaction.atomic():
        held = Video.objects.select_for_update().filter(pk=video.pk).unfinished().first()
        if held is None:
            return False
        if held.status == Status.UPLOADING:
            held.delete()
            return True
        end_video(held, Status.CANCELLED, keeps_file=False)
    return True


def retry_video(*, video: Video) -> None:
    """Queue a video again that failed for no fault of its file; raise `VideoError` where it cannot be."""
    require_photos_consent(user=video.owner, error=VideoError)
    waiting = {"status": Status.QUEUED, "queued_at": timezone.now(), "ended_at": None, "attempts": 0, "progress": 0.0}
    with transaction.atomic():
        failed = Video.objects.filter(pk=video.pk, status=Status.FAILED).exclude(file="")
        if not failed.update(**waiting, message=""):
            raise VideoError("cannot_retry", "This video cannot be tried again; upload it once more.")
        transaction.on_commit(lambda: VIDEO_LEASES.send(video.pk))


def send_next(*, owner_id: int) -> None:
    """Hand the person's next waiting video to a worker: while one of theirs is worked on, no other is taken."""
    video = Video.objects.filter(owner=owner_id, status=Status.QUEUED).oldest_first().first()
    if video is not None:
        VIDEO_LEASES.send(video.pk)


def delete_video(*, video: Video) -> None:
    """Delete a video with its files, its session and what that counts for in the history."""
    with transaction.atomic():
        # From here on no worker can end it with a session.
        Video.objects.filter(pk=video.pk).unfinished().update(status=Status.CANCELLED, token=None)
        session = Session.objects.filter(video=video.pk).first()
        if session is not None:
            # It takes the video along.
            delete_session(session=session)
        Video.objects.filter(pk=video.pk).delete()


def drop_annotated(*, video: Video) -> None:
    """Remove an annotated video and keep its session."""
    with transaction.atomic():
        Video.objects.filter(pk=video.pk).update(annotated="", annotated_bytes=0)
        transaction.on_commit(lambda: video_files.remove_all("", video.annotated.name))


def end_video(video: Video, status: str, message: str = "", *, keeps_file: bool) -> None:
    """Note, inside the caller's transaction, that nobody works on a video any more."""
    file = video.file.name
    video.status, video.message, video.token, video.ended_at = status, message, None, timezone.now()
    if not keeps_file:
        video.file = ""
        transaction.on_commit(lambda: video_files.remove_all(file))
    video.save(update_fields=["status", "message", "token", "ended_at", "file"])


def sweep_videos() -> None:
    """Queue again what a worker lost or the broker seems to have lost; forget what was left lying for a day."""
    now = timezone.now()
    message = f"The server was interrupted {MAX_ATTEMPTS} times while it analysed this video. You can try again."
    given_up = VIDEO_LEASES.lost().filter(attempts__gte=MAX_ATTEMPTS)
    given_up.update(status=Status.FAILED, message=message, token=None, ended_at=now)
    VIDEO_LEASES.sweep(status=Status.QUEUED)
    with transaction.atomic():
        Video.objects.abandoned_since(now - KEPT_FOR).delete()
        for video in Video.objects.select_for_update().kept_in_vain_since(now - KEPT_FOR):
            end_video(video, video.status, video.message, keeps_file=False)


def _check_part(video: Video, offset: int, data: bytes) -> None:
    if video.status != Status.UPLOADING:
        raise _not_uploading()
    if offset != video.received:
        raise _wrong_offset(video, offset)
    if not 0 < len(data) <= MAX_PART_BYTES:
        raise VideoError("bad_part", f"Expected a part of 1 to {MAX_PART_BYTES} bytes; got {len(data)}.")
    if offset + len(data) > video.bytes:
        came = offset + len(data)
        raise VideoError("too_much", f"This video was announced with {video.bytes} bytes; with this part it is {came}.")
    if offset == 0 and not (data.startswith(_EBML) or data[4:8] in _ATOMS):
        raise VideoError("not_a_video", f"This file is something else; expected {_EXPECTED}.")


def _wrong_offset(video: Video, offset: int) -> VideoError:
    message = f"Expected the part that begins at {video.received}; got one that begins at {offset}."
    return VideoError("wrong_offset", message, received=video.received)


def _not_uploading() -> VideoError:
    return VideoError("not_uploading", "This upload has ended or was cancelled; no further part is expected.")


def cancel_on_withdrawal(*, user: Model, purpose: str, **kwargs: Any) -> None:
    """Cancel the unfinished videos of a user who withdraws the consent to photos and videos."""
    if purpose == Consent.Purpose.PHOTOS:
        for video in Video.objects.owned_by(user).unfinished():
            cancel_video(video=video)
