"""Requests that may be sent again: the first one with a key does the work, every other one gets its answer."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model, Q
from django.utils import timezone

from analysis.errors import IdempotencyError
from analysis.idempotency.models import IdempotencyKey, told_ids
from ferproject.queue.leases import Leases

KEPT = dt.timedelta(hours=24)
KEY_LEASES = Leases(IdempotencyKey, held=Q(status=None), heartbeat="created_at", lost_after=dt.timedelta(minutes=2))
"""After `lost_after` without an answer a request is taken for dead, and the next one with its key does the work."""


@dataclass(frozen=True)
class KeyLease:
    """The right, and the duty, to do the work and then to `remember_answer` or `release_claim`."""

    id: int
    token: uuid.UUID


@dataclass(frozen=True)
class Answer:
    """What the first request was answered."""

    status: int
    body: Any


def claim_key(*, owner: Model, key: str, fingerprint: str) -> KeyLease | Answer:
    """Return a claim to the first who brings `key`, and to all others that one's answer.

    Raises `IdempotencyError` of code "idempotency_key_reused" when the key came with another request, and
    "in_progress" (retryable) while the first one is still worked on.
    """
    rows = IdempotencyKey.objects.of(owner, key)
    rows.older_than(timezone.now() - KEPT).delete()
    try:
        with transaction.atomic():
            row = IdempotencyKey.objects.create(owner=owner, key=key, fingerprint=fingerprint)
        return KeyLease(row.pk, row.token)
    except IntegrityError:
        found = rows.first()
    if found is None:
        # The first one released it in this very moment.
        raise _in_progress(key)
    if found.fingerprint != fingerprint:
        message = f"Expected the request that brought Idempotency-Key {key!r} first; got another. Use a new key."
        raise IdempotencyError("idempotency_key_reused", message)
    if found.status is not None:
        return Answer(found.status, found.body)
    # Of two requests that find it lost one goes on.
    token = KEY_LEASES.claim(KEY_LEASES.lost().filter(pk=found.pk, token=found.token))
    if token is None:
        raise _in_progress(key)
    return KeyLease(found.pk, token)


def remember_answer(*, claim: KeyLease, answer: Answer) -> None:
    """Keep the answer for all who bring the same key within `KEPT`; not one about what was deleted meanwhile."""
    with transaction.atomic():
        row = IdempotencyKey.objects.select_for_update().select_related("owner").get(pk=claim.id)
        KEY_LEASES.held_by(claim.token).update(status=answer.status, body=answer.body)
        told = told_ids(answer.body)
        # Whoever deletes one of them from here on finds the answer.
        if told and sum(rows.filter(pk__in=told).count() for rows in (row.owner.photos, row.owner.videos)) < len(told):
            IdempotencyKey.objects.filter(pk=claim.id, token=claim.token).delete()


def release_claim(*, claim: KeyLease) -> None:
    """Forget the key: the work was refused or failed, and the same request may try again."""
    KEY_LEASES.held_by(claim.token).delete()


def forget_old_keys() -> None:
    """Delete what was kept long enough; called by the sweeper."""
    IdempotencyKey.objects.older_than(timezone.now() - KEPT).delete()


def _in_progress(key: str) -> IdempotencyError:
    message = f"The first request with Idempotency-Key {key!r} is still worked on; ask again in a moment."
    return IdempotencyError("in_progress", message, retryable=True)
