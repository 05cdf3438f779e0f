"""The audit log: who did what to the site, or to other people's data. Nobody's e-mail address belongs into it."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from analysis.models import AuditEntry


def record(
    *, actor: Model | None, action: str, subject: str, reason: str = "", details: dict[str, Any] | None = None
) -> AuditEntry:
    """Note what somebody, or with None the program, did; `action` is one of `AuditEntry`'s."""
    return AuditEntry.objects.create(actor=actor, action=action, subject=subject, reason=reason, details=details or {})


def pseudonymize(*, actor: Model, pseudonym: str) -> None:
    """Keep what somebody did under a name that tells nobody who it was; for an account that is deleted."""
    AuditEntry.objects.filter(actor=actor).update(pseudonym=pseudonym)
