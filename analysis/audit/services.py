"""The audit log: actions of staff, and of others on a user's data. E-mail addresses are never written to it."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.db import DatabaseError
from django.db.models import Model, Q, QuerySet, Value
from django.db.models.functions import Replace
from django.utils import timezone

from analysis.audit.models import AuditEntry
from ferproject.databases import short_lock_timeout
from ferproject.storage_errors import storage_error

logger = logging.getLogger(__name__)
VIEW_INTERVAL = dt.timedelta(minutes=1)
"""Views of the same object within this time are recorded once: a page also loads its images."""


def record_audit(
    *, actor: Model | None, action: str, subject: str, reason: str = "", details: dict[str, Any] | None = None
) -> AuditEntry:
    """Record an action of `actor`, None for the program; `action` is one of `AuditEntry`'s constants."""
    return AuditEntry.objects.create(actor=actor, action=action, subject=subject, reason=reason, details=details or {})


def record_own_export(*, actor: Model, subject: str, details: dict[str, Any] | None = None) -> None:
    """Record that a user downloads their own data; where the disk is full or the database locked, only log it."""
    try:
        with short_lock_timeout():
            record_audit(actor=actor, action=AuditEntry.EXPORTED, subject=subject, details=details)
    except DatabaseError as error:
        if storage_error(error) is None:
            raise
        logger.warning("The export of %s by user %s could not be recorded: %s", subject, actor.pk, error)


def record_view(*, actor: Model, owner_id: int, what: str = "") -> None:
    """Record that staff viewed another user's account or, with `what`, one object of theirs ("correction 5")."""
    if actor.pk == owner_id:
        return
    subject = f"{what} of user {owner_id}" if what else f"user {owner_id}"
    views = AuditEntry.objects.filter(actor=actor, action=AuditEntry.VIEWED, subject=subject)
    if not views.filter(at__gt=timezone.now() - VIEW_INTERVAL).exists():
        record_audit(actor=actor, action=AuditEntry.VIEWED, subject=subject)


def entries_about(user: Model) -> QuerySet[AuditEntry]:
    """Return the entries about a user's account and data."""
    name = f"user {user.pk}"
    return AuditEntry.objects.filter(Q(subject=name) | Q(subject__endswith=f" of {name}"))


def pseudonymize(*, user: Model, pseudonym: str) -> None:
    """Replace a user by a pseudonym in the entries by and about them."""
    AuditEntry.objects.filter(actor=user).update(pseudonym=pseudonym)
    entries_about(user).update(subject=Replace("subject", Value(f"user {user.pk}"), Value(pseudonym)))
