"""Keys by which a program sends the same upload again without making a second record."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone


class IdempotencyKeyQuerySet(models.QuerySet["IdempotencyKey"]):
    def of(self, owner: models.Model, key: str) -> Self:
        return self.filter(owner=owner, key=key)

    def older_than(self, moment: dt.datetime) -> Self:
        return self.filter(created_at__lt=moment)

    def telling_of(self, ids: Collection[uuid.UUID]) -> Self:
        """Those whose remembered answer tells of one of these photos or videos, by itself or in a batch."""
        names = {str(each) for each in ids}
        batches = self.filter(body__has_key="results").values_list("pk", "body")
        told = [pk for pk, body in batches.iterator() if not names.isdisjoint(told_ids(body))]
        return self.filter(models.Q(body__id__in=names) | models.Q(pk__in=told))


def told_ids(body: Any) -> set[str]:
    """Return the ids of the photos or the video that an answer tells of."""
    told = [body, *(result["analysis"] for result in body.get("results", ()))] if isinstance(body, dict) else []
    return {each["id"] for each in told if each and "id" in each}


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
