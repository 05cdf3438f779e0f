"""Jobs that analyse a user's history again."""

from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ferproject.querysets import OwnedQuerySet


class ReanalysisQuerySet(OwnedQuerySet):
    def open(self) -> Self:
        return self.filter(status__in=ReanalysisJob.OPEN)

    def ended(self) -> Self:
        return self.exclude(status__in=ReanalysisJob.OPEN)

    def newest_first(self) -> Self:
        return self.order_by("-created_at")


class ReanalysisJob(models.Model):
    """One pass over a history; `failed` of the `done` photos kept their old result. `token` is the worker's lease."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        FINISHED = "finished"
        CANCELLED = "cancelled"
        FAILED = "failed"

    OPEN = (Status.QUEUED, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reanalyses")
    status = models.CharField(max_length=9, choices=Status, default=Status.QUEUED)
    model = models.CharField(max_length=100, help_text="The version that served when this was asked for.")
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    token = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ReanalysisQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=Q(status__in=["queued", "running"]), name="reanalysis_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.done}/{self.total} with {self.model}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def most(self) -> int:
        """Maximum of the progress bar; photos analysed twice, after a crash or a promotion, count twice."""
        return max(self.total, self.done)

    @property
    def renewed(self) -> int:
        """Number of photos with a new result."""
        return self.done - self.failed
