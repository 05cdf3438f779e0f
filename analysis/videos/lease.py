"""Lease of a video by one worker."""

from __future__ import annotations

import time
import uuid
from contextlib import suppress

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from analysis.recognition.video.reader import VideoInfo
from analysis.videos.models import Video
from analysis.videos.services import VIDEO_LEASES, end_video
from ferproject.queue.leases import LeaseLost, surviving_database_errors

Status = Video.Status
HEARTBEAT_SECONDS = 1.0


class VideoLease:
    """A worker's lease of a video; each method proves it by a conditional query."""

    def __init__(self, video: Video, token: uuid.UUID) -> None:
        self.video = video
        self.token = token
        self._renewed_at = time.monotonic()
        self._progress = 0.0

    def heartbeat(self, progress: float | None = None) -> None:
        """Write a heartbeat and the progress, 0 to 1, at most once a second; raise `LeaseLost`."""
        self._progress = self._progress if progress is None else min(max(progress, 0.0), 1.0)
        if time.monotonic() - self._renewed_at < HEARTBEAT_SECONDS:
            return
        self._renewed_at = time.monotonic()
        held = True  # until the database can be asked again
        with surviving_database_errors(f"The heartbeat of video {self.video.pk}"):
            held = VIDEO_LEASES.renew(self.token, progress=self._progress)
        if not held:
            raise LeaseLost

    def check(self) -> None:
        """Raise `LeaseLost` when the lease is lost."""
        if not self._rows().exists():
            raise LeaseLost

    def save_info(self, info: VideoInfo) -> None:
        """Save the size and length that the file states."""
        if not self._rows().update(width=info.width, height=info.height, seconds=info.seconds):
            raise LeaseLost

    def lock(self) -> Video:
        """Return the row, locked until the caller's transaction ends."""
        video = self._rows().select_for_update().first()
        if video is None:
            raise LeaseLost
        return video

    def fail(self, message: str, *, keeps_file: bool) -> bool:
        """End the video with a reason; return False when the lease is lost."""
        with suppress(LeaseLost), transaction.atomic():
            end_video(self.lock(), Status.FAILED, message, keeps_file=keeps_file)
            return True
        return False

    def _rows(self) -> QuerySet[Video]:
        return VIDEO_LEASES.held_by(self.token)


def claim_next_video() -> VideoLease | None:
    """Lease the queued video of the person whose last one began longest ago; return None where there is none.

    One video of a user is analysed at a time, so that many videos of one do not keep others waiting.
    """
    videos_of_owner = Video.objects.filter(owner=OuterRef("owner"))
    waiting = Video.objects.filter(~Exists(videos_of_owner.filter(status=Status.RUNNING)), status=Status.QUEUED)
    served = videos_of_owner.filter(started_at__isnull=False).order_by("-started_at").values("started_at")[:1]
    in_turn = waiting.alias(served=Subquery(served)).order_by(F("served").asc(nulls_first=True), "queued_at", "pk")
    while (video_id := in_turn.values_list("pk", flat=True).first()) is not None:
        token = _claim(waiting.filter(pk=video_id))
        # Another worker may have claimed it or another video of its owner, or its owner cancelled it.
        if token and (video := Video.objects.filter(pk=video_id, token=token).first()):
            return VideoLease(video, token)
    return None


def _claim(rows: QuerySet[Video]) -> uuid.UUID | None:
    values = {"started_at": timezone.now(), "progress": 0.0, "attempts": F("attempts") + 1}
    try:
        with transaction.atomic():
            return VIDEO_LEASES.claim(rows, status=Status.RUNNING, **values)
    except IntegrityError:
        # `waiting` does not see what another transaction has not committed; the constraint does.
        return None
