"""Idempotency keys: the first request with a key is processed, later ones get its stored response."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext

from analysis.errors import IdempotencyError
from analysis.idempotency.models import IdempotencyKey, record_ids
from ferproject.queue.leases import Leases

RETENTION = dt.timedelta(hours=24)
KEY_LEASES = Leases(IdempotencyKey, held=Q(status=None), heartbeat="created_at", lost_after=dt.timedelta(minutes=2))
"""Leases of keys by the requests being processed."""


def claim_key(*, owner: Model, key: str, fingerprint: str) -> IdempotencyKey:
    """Return the key's row: with `status` None leased to this, the first request, else with the first one's response.

    Raises `IdempotencyError` of code "idempotency_key_reused" when the key belongs to a request with another
    fingerprint, and "in_progress" (retryable) while the first one is being processed.
    """
    rows = IdempotencyKey.objects.filter(owner=owner, key=key)
    rows.filter(created_at__lt=timezone.now() - RETENTION).delete()
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(owner=owner, key=key, fingerprint=fingerprint)
    except IntegrityError:
        found = rows.first()
    if found is not None and found.fingerprint != fingerprint:
        message = gettext("Idempotency-Key %(key)s was used for another request. Use a new key.") % {"key": key}
        raise IdempotencyError("idempotency_key_reused", message)
    if found is not None and found.status is None:
        found.token = KEY_LEASES.claim(KEY_LEASES.lost().filter(pk=found.pk, token=found.token))
    # Without a row, the first request has just released the key.
    if found is None or found.token is None:
        message = gettext("The first request with Idempotency-Key %(key)s is still in progress. Try again in a moment.")
        message %= {"key": key}
        raise IdempotencyError("in_progress", message, retryable=True)
    return found


def save_response(*, key: IdempotencyKey, status: int, body: Any) -> None:
    """Store the response for `RETENTION`, unless a photo or video in it has been deleted since."""
    with transaction.atomic():
        # A deletion from here on waits for this lock, and finds the response.
        leased = KEY_LEASES.held_by(key.token).select_for_update().select_related("owner").first()
        if leased is None:
            return
        leased.status, leased.body = status, body
        leased.save(update_fields=["status", "body"])
        ids, owner = record_ids(body), leased.owner
        if ids and sum(rows.filter(pk__in=ids).count() for rows in (owner.photos, owner.videos)) < len(ids):
            leased.delete()


def release_key(*, key: IdempotencyKey) -> None:
    """Delete the key of a request that was refused or failed, so that it can be sent again."""
    KEY_LEASES.held_by(key.token).delete()


def delete_expired_keys() -> None:
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - RETENTION).delete()
