"""The audit log: who did what to the site, or to other people's data. Nobody's e-mail address belongs into it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Model, Q, QuerySet, Value
from django.db.models.functions import Replace
from django.utils import timezone

from analysis.audit.models import AuditEntry

ONE_LOOK = dt.timedelta(minutes=1)
"""A page and the pictures on it are opened together, and are one look."""


def record(
    *, actor: Model | None, action: str, subject: str, reason: str = "", details: dict[str, Any] | None = None
) -> AuditEntry:
    """Note what somebody, or with None the program, did; `action` is one of `AuditEntry`'s."""
    return AuditEntry.objects.create(actor=actor, action=action, subject=subject, reason=reason, details=details or {})


def record_look(*, actor: Model, owner_id: int, what: str = "") -> None:
    """Note that staff looked at somebody else's account, or with `what` at one thing of theirs ("correction 5")."""
    if actor.pk == owner_id:
        return
    subject = f"{what} of user {owner_id}" if what else f"user {owner_id}"
    looks = AuditEntry.objects.filter(actor=actor, action=AuditEntry.VIEWED, subject=subject)
    if not looks.filter(at__gt=timezone.now() - ONE_LOOK).exists():
        record(actor=actor, action=AuditEntry.VIEWED, subject=subject)


def entries_about(user: Model) -> QuerySet[AuditEntry]:
    """Return what others did to somebody's account and things."""
    name = f"user {user.pk}"
    return AuditEntry.objects.filter(Q(subject=name) | Q(subject__endswith=f" of {name}"))


def pseudonymize(*, user: Model, pseudonym: str) -> None:
    """Keep what somebody did, and what was done to them, under a name that tells nobody who it was."""
    AuditEntry.objects.filter(actor=user).update(pseudonym=pseudonym)
    entries_about(user).update(subject=Replace("subject", Value(f"user {user.pk}"), Value(pseudonym)))
