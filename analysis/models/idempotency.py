"""Keys by which a program sends the same upload again without making a second record."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone


class IdempotencyKeyQuerySet(models.QuerySet["IdempotencyKey"]):
    def of(self, owner: models.Model, key: str) -> Self:
        return self.filter(owner=owner, key=key)

    def older_than(self, moment: dt.datetime) -> Self:
        return self.filter(created_at__lt=moment)


class IdempotencyKey(models.Model):
    """What was answered to the request that first brought `key`; `status` is NULL while that one is worked on.

    `token` is the claim of whoever works on it: a request that was taken for dead must not write any more.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="idempotency_keys")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what was sent.")
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = IdempotencyKeyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"{self.key} of {self.owner_id}"
