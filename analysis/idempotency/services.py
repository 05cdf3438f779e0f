"""Idempotency keys: the first request with a key is processed, later ones get its stored response."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model, Q
from django.utils import timezone

from analysis.errors import IdempotencyError
from analysis.idempotency.models import IdempotencyKey, record_ids
from ferproject.queue.leases import Leases

RETENTION = dt.timedelta(hours=24)
KEY_LEASES = Leases(IdempotencyKey, held=Q(status=None), heartbeat="created_at", lost_after=dt.timedelta(minutes=2))
"""Leases of keys by the requests being processed."""


@dataclass(frozen=True)
class StoredResponse:
    """Status and JSON body of the first request's response."""

    status: int
    body: Any


def claim_key(*, owner: Model, key: str, fingerprint: str) -> uuid.UUID | StoredResponse:
    """Return the token of its lease to the first request with `key`, and its response to all later ones.

    Raises `IdempotencyError` of code "idempotency_key_reused" when the key belongs to a request with another
    fingerprint, and "in_progress" (retryable) while the first one is being processed.
    """
    rows = IdempotencyKey.objects.filter(owner=owner, key=key)
    rows.filter(created_at__lt=timezone.now() - RETENTION).delete()
    try:
        with transaction.atomic():
            row = IdempotencyKey.objects.create(owner=owner, key=key, fingerprint=fingerprint)
        return row.token
    except IntegrityError:
        found = rows.first()
    if found is not None and found.fingerprint != fingerprint:
        message = f"Expected the request that brought Idempotency-Key {key!r} first; got another. Use a new key."
        raise IdempotencyError("idempotency_key_reused", message)
    if found is not None and found.status is not None:
        return StoredResponse(found.status, found.body)
    # Without a row, the first request has just released the key.
    token = KEY_LEASES.claim(KEY_LEASES.lost().filter(pk=found.pk, token=found.token)) if found else None
    if token is None:
        message = f"The first request with Idempotency-Key {key!r} is still worked on; ask again in a moment."
        raise IdempotencyError("in_progress", message, retryable=True)
    return token


def save_response(*, token: uuid.UUID, response: StoredResponse) -> None:
    """Store the response for `RETENTION`, unless a photo or video in it has been deleted since."""
    with transaction.atomic():
        # A deletion from here on waits for this lock, and finds the response.
        key = KEY_LEASES.held_by(token).select_for_update().select_related("owner").first()
        if key is None:
            return
        key.status, key.body = response.status, response.body
        key.save(update_fields=["status", "body"])
        ids = record_ids(response.body)
        if ids and sum(rows.filter(pk__in=ids).count() for rows in (key.owner.photos, key.owner.videos)) < len(ids):
            key.delete()


def release_key(*, token: uuid.UUID) -> None:
    """Delete the key of a request that was refused or failed, so that it can be sent again."""
    KEY_LEASES.held_by(token).delete()


def delete_expired_keys() -> None:
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - RETENTION).delete()
