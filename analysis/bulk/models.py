"""Jobs that do one thing to many photos, sessions or videos."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysis.albums.models import Collection
from ferproject.querysets import OwnedQuerySet


class BulkJobQuerySet(OwnedQuerySet):
    def open(self) -> Self:
        return self.filter(status__in=BulkJob.OPEN)

    def ended(self) -> Self:
        return self.exclude(status__in=BulkJob.OPEN)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class BulkJob(models.Model):
    """One action on the items of `ids`, of which the first `done` are done and `failed` could not be.

    A deletion is WAITING until `due_at`, and can be undone until then. `token` is the worker's lease.
    """

    class Action(models.TextChoices):
        ADD = "add", _("Add to an album or tag")
        REMOVE = "remove", _("Remove from an album or tag")
        AGAIN = "again", _("Analyse again")
        ZIP = "zip", _("Download")
        DELETE = "delete", _("Delete")

    class Kind(models.TextChoices):
        PHOTOS = "photos", _("Photos")
        SESSIONS = "sessions", _("Sessions")
        VIDEOS = "videos", _("Videos")

    class Status(models.TextChoices):
        WAITING = "waiting", _("Can be undone")
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("In progress")
        FINISHED = "finished", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    OPEN = (Status.WAITING, Status.QUEUED, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bulk_jobs")
    action = models.CharField(max_length=6, choices=Action)
    kind = models.CharField(max_length=8, choices=Kind)
    ids = models.JSONField(default=list)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=9, choices=Status, default=Status.QUEUED)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    token = models.UUIDField(null=True, editable=False)
    due_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = BulkJobQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "-created_at"], name="bulk_job_newest_first")]

    def __str__(self) -> str:
        return f"{self.action} {self.done}/{self.total} {self.kind}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def can_be_undone(self) -> bool:
        return self.status == self.Status.WAITING

    @property
    def undo_seconds(self) -> int:
        """Seconds left to undo it, 0 to `bulk.services.UNDO_SECONDS`."""
        if not self.can_be_undone or self.due_at is None:
            return 0
        return max(0, round((self.due_at - timezone.now()) / dt.timedelta(seconds=1)))
