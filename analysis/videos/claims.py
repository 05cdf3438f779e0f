"""Whose a video is while it is analysed: one worker's, for as long as it beats and nobody cancels."""

from __future__ import annotations

import logging
import time
import uuid

from django.db import OperationalError, close_old_connections, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from analysis.recognition.video.decoder import VideoInfo
from analysis.videos.models import Video, VideoQuerySet
from analysis.videos.services import end_video

Status = Video.Status
BEAT_SECONDS = 1.0
logger = logging.getLogger(__name__)


class ClaimLost(Exception):
    """The claim is no more: somebody cancelled or deleted the video, or another worker has it."""


class Claim:
    """Holds a video for one worker; every proof of it is a conditional UPDATE."""

    def __init__(self, video: Video, token: uuid.UUID) -> None:
        self.video = video
        self.token = token
        self._beat_at = time.monotonic()
        self._progress = 0.0

    def beat(self, progress: float | None = None) -> None:
        """Prove that somebody is at it, once a second; raise `ClaimLost` when the claim is no more."""
        self._progress = self._progress if progress is None else min(max(progress, 0.0), 1.0)
        if time.monotonic() - self._beat_at < BEAT_SECONDS:
            return
        self._beat_at = time.monotonic()
        try:
            held = self._mine().update(heartbeat_at=timezone.now(), progress=self._progress)
        except OperationalError as error:
            # The work goes on without the database for a while; whether the claim outlived that is seen later.
            logger.warning("A beat for video %s failed: %s", self.video.pk, error)
            close_old_connections()
            return
        if not held:
            raise ClaimLost

    def check(self) -> None:
        """Raise `ClaimLost` when the claim is no more."""
        if not self._mine().exists():
            raise ClaimLost

    def describe(self, info: VideoInfo) -> None:
        """Keep what the file says of itself."""
        if not self._mine().update(width=info.width, height=info.height, seconds=info.seconds):
            raise ClaimLost

    def lock(self) -> Video:
        """Return the row, which nobody else changes until the caller's transaction ends."""
        video = self._mine().select_for_update().first()
        if video is None:
            raise ClaimLost
        return video

    def fail(self, message: str, *, keeps_file: bool) -> bool:
        """End it with a reason; False when it is somebody else's already."""
        with transaction.atomic():
            try:
                video = self.lock()
            except ClaimLost:
                return False
            end_video(video, Status.FAILED, message, keeps_file=keeps_file)
        return True

    def _mine(self) -> VideoQuerySet:
        return Video.objects.filter(token=self.token, status=Status.RUNNING)


def claim_video(*, video_id: uuid.UUID) -> Claim | None:
    """Take a queued video for this worker; None where there is none, or somebody else was first.

    Of one person's videos one is worked on at a time, so that nobody's many keep all others' waiting.
    """
    token, now = uuid.uuid4(), timezone.now()
    fresh = {"status": Status.RUNNING, "token": token, "heartbeat_at": now, "started_at": now, "progress": 0.0}
    others = Video.objects.filter(owner=OuterRef("owner"), status=Status.RUNNING)
    queued = Video.objects.filter(~Exists(others), pk=video_id, status=Status.QUEUED)
    if not queued.update(**fresh, attempts=F("attempts") + 1):
        return None
    video = Video.objects.filter(pk=video_id, token=token).first()
    return None if video is None else Claim(video, token)
