"""Requests that may be sent again: the first one with a key does the work, every other one gets its answer."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from analysis.errors import IdempotencyError
from analysis.idempotency.models import IdempotencyKey, told_ids

KEPT = dt.timedelta(hours=24)
PATIENCE = dt.timedelta(minutes=2)
"""After so long without an answer a request is taken for dead, and the next one with its key does the work."""


@dataclass(frozen=True)
class Claim:
    """The right, and the duty, to do the work and then to `remember_answer` or `release_claim`."""

    id: int
    token: uuid.UUID


@dataclass(frozen=True)
class Answer:
    """What the first request was answered."""

    status: int
    body: Any


def claim_key(*, owner: Model, key: str, fingerprint: str) -> Claim | Answer:
    """Return a claim to the first who brings `key`, and to all others that one's answer.

    Raises `IdempotencyError` of code "idempotency_key_reused" when the key came with another request, and
    "in_progress" (retryable) while the first one is still worked on.
    """
    rows = IdempotencyKey.objects.of(owner, key)
    rows.older_than(timezone.now() - KEPT).delete()
    try:
        with transaction.atomic():
            row = IdempotencyKey.objects.create(owner=owner, key=key, fingerprint=fingerprint)
        return Claim(row.pk, row.token)
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
    return _take_over(found)


def remember_answer(*, claim: Claim, answer: Answer) -> None:
    """Keep the answer for all who bring the same key within `KEPT`; not one about what was deleted meanwhile."""
    with transaction.atomic():
        row = IdempotencyKey.objects.select_for_update().select_related("owner").get(pk=claim.id)
        _held(claim).update(status=answer.status, body=answer.body)
        told = told_ids(answer.body)
        # Whoever deletes one of them from here on finds the answer.
        if told and sum(rows.filter(pk__in=told).count() for rows in (row.owner.photos, row.owner.videos)) < len(told):
            IdempotencyKey.objects.filter(pk=claim.id, token=claim.token).delete()


def release_claim(*, claim: Claim) -> None:
    """Forget the key: the work was refused or failed, and the same request may try again."""
    _held(claim).delete()


def forget_old_keys() -> None:
    """Delete what was kept long enough; called by the sweeper."""
    IdempotencyKey.objects.older_than(timezone.now() - KEPT).delete()


def _held(claim: Claim) -> Any:
    return IdempotencyKey.objects.filter(pk=claim.id, token=claim.token, status=None)


def _take_over(row: IdempotencyKey) -> Claim:
    now, token = timezone.now(), uuid.uuid4()
    # Conditional: of two who find it dead only one goes on.
    dead = IdempotencyKey.objects.filter(pk=row.pk, token=row.token, status=None, created_at__lt=now - PATIENCE)
    if not dead.update(token=token, created_at=now):
        raise _in_progress(row.key)
    return Claim(row.pk, token)


def _in_progress(key: str) -> IdempotencyError:
    message = f"The first request with Idempotency-Key {key!r} is still worked on; ask again in a moment."
    return IdempotencyError("in_progress", message, retryable=True)
