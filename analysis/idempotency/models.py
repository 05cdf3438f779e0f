"""Idempotency keys, by which an upload can be sent again without a second record."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Cast
from django.utils import timezone


class JSONTextField(models.TextField):
    """JSON stored as it was written: PostgreSQL's jsonb would sort an object's keys."""

    def from_db_value(self, value: str | None, *args: Any) -> Any:
        return None if value is None else json.loads(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value)


class IdempotencyKeyQuerySet(models.QuerySet["IdempotencyKey"]):
    def about(self, ids: Collection[uuid.UUID]) -> Self:
        """Keys whose stored response contains one of these photos or videos, alone or in a batch."""
        names = {str(each) for each in ids}
        stored = self.alias(stored=Cast("body", models.JSONField()))
        batches = stored.filter(stored__has_key="results").values_list("pk", "body")
        matching = [pk for pk, body in batches.iterator() if not names.isdisjoint(record_ids(body))]
        return stored.filter(models.Q(stored__id__in=names) | models.Q(pk__in=matching))


def record_ids(body: Any) -> set[str]:
    """Return the ids of the photos or of the video in a response's body."""
    records = [body, *(result["analysis"] for result in body.get("results", ()))] if isinstance(body, dict) else []
    return {record["id"] for record in records if record and "id" in record}


class IdempotencyKey(models.Model):
    """The response to the first request with `key`; `status` is NULL while that request is processed.

    `token` is the lease of the request being processed.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="idempotency_keys")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what was sent.")
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    status = models.PositiveSmallIntegerField(null=True)
    body = JSONTextField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = IdempotencyKeyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"{self.key} of {self.owner_id}"
