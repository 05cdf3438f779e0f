"""Uploaded videos."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import PurePosixPath
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysis.deletions.models import VisibleManager
from analysis.idempotency.models import IdempotencyKey
from analysis.searched_names import NamedQuerySet, SearchedName, named_like
from analysis.sessions.models import Session
from analysis.videos import upload_parts
from analysis.videos.work_dirs import remove_work_dirs

MEDIA_TYPES = {".mp4": "video/mp4", ".webm": "video/webm"}
"""Of annotated videos, by suffix."""
MIN_PROGRESS = 0.02
"""Below it the remaining time is not estimated."""


class VideoQuerySet(NamedQuerySet):
    def named_like(self, text: str) -> Self:
        """Videos with `text` in their file's name or in that of their session, which lists show."""
        return named_like(self, text, "search_name", "session__search_name")

    def unfinished(self) -> Self:
        return self.filter(status__in=[Video.Status.UPLOADING, Video.Status.QUEUED, Video.Status.RUNNING])

    def retryable(self) -> Self:
        """Failed videos whose file is kept for a retry."""
        return self.filter(status=Video.Status.FAILED).exclude(file="")


class Video(SearchedName):
    """A video that is uploaded in parts and analysed by a worker, which creates its `session`.

    `received` of `bytes` are uploaded; `token` is the worker's lease; `heartbeat_at` is the time of the worker's last
    heartbeat or the upload's last part; `attempts` counts the workers that claimed it. The names of its parts in the
    storage begin with `file`, which is "" once they are removed; `annotated` is the name of the annotated video.
    `message` is English, a sentence a line.
    """

    class Status(models.TextChoices):
        UPLOADING = "uploading", _("Uploading")
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("In progress")
        FINISHED = "finished", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="videos")
    session = models.OneToOneField(Session, on_delete=models.CASCADE, null=True, blank=True, related_name="video")
    name = models.CharField(max_length=255)
    file = models.FileField(max_length=100, blank=True)
    annotated = models.FileField(max_length=100, blank=True)
    annotated_bytes = models.PositiveBigIntegerField(default=0)
    bytes = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    status = models.CharField(max_length=9, choices=Status, default=Status.UPLOADING)
    progress = models.FloatField(default=0.0, help_text="0 to 1.")
    message = models.TextField(blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    token = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    people_agreed_at = models.DateTimeField(
        null=True, blank=True, help_text="When its owner said that everybody to be seen in it agreed."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(default=timezone.now, null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleManager.from_queryset(VideoQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(progress__range=(0, 1)), name="video_progress_in_0_1"),
            models.CheckConstraint(condition=Q(received__lte=models.F("bytes")), name="video_received_at_most_all"),
            models.UniqueConstraint(fields=["owner"], condition=Q(status="running"), name="video_one_running"),
        ]
        indexes = [models.Index(fields=["owner", "-created_at", "-id"], name="video_newest_first")]

    def __str__(self) -> str:
        return f"video {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether its analysis is not over."""
        return self.status in {Video.Status.QUEUED, Video.Status.RUNNING}

    @property
    def share(self) -> float | None:
        """The progress of the upload, then of the analysis, 0 to 1; None while unknown."""
        if self.status == Video.Status.UPLOADING:
            return self.received / self.bytes
        return None if self.status == Video.Status.RUNNING and not self.progress else self.progress

    @property
    def annotated_suffix(self) -> str:
        """ ".mp4" or ".webm"."""
        return PurePosixPath(self.annotated.name).suffix

    @property
    def shown_message(self) -> str:
        """Why it failed, or a remark about its result, in the active language."""
        return " ".join(gettext(sentence) for sentence in self.message.splitlines())

    @property
    def can_be_retried(self) -> bool:
        return self.status == Video.Status.FAILED and bool(self.file)

    @property
    def remaining(self) -> dt.timedelta | None:
        """The estimated remaining time of the analysis; None while unknown."""
        if self.status != Video.Status.RUNNING or self.started_at is None or self.progress < MIN_PROGRESS:
            return None
        return (timezone.now() - self.started_at) * (1 - self.progress) / self.progress


@receiver(post_delete, sender=Video)
def remove_files(instance: Video, **kwargs: object) -> None:
    """Remove a deleted video's files after the commit."""
    video_id = instance.pk  # which Django resets after the signal
    transaction.on_commit(lambda: upload_parts.remove_all(instance.file.name, instance.annotated.name))
    transaction.on_commit(lambda: remove_work_dirs(video_id))


@receiver(post_delete, sender=Video)
def delete_idempotency_keys(instance: Video, **kwargs: object) -> None:
    """Delete the stored responses to a deleted video's upload."""
    IdempotencyKey.objects.filter(owner=instance.owner_id).about([instance.pk]).delete()
