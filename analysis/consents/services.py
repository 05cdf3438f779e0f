"""Consent: one record for each purpose, with the version of the notice that was read and the time."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Model
from django.dispatch import Signal
from django.utils import timezone

from analysis.consents.models import Consent
from analysis.errors import AnalysisError, ConsentError

consent_withdrawn = Signal()
"""Sent inside the transaction that ends a consent, with `user` and `purpose`; the sender is `Consent`."""

NOTICES = {
    Consent.Purpose.PHOTOS: "2026-11",
    Consent.Purpose.CAMERA: "2026-11",
    Consent.Purpose.TRAINING: "2026-11",
}
"""The version of each notice; its text is `templates/analysis/consents/<purpose>_notice.html`."""


def training_notice() -> str:
    """Return the version of the notice that asks for training."""
    return NOTICES[Consent.Purpose.TRAINING]


def standing_consent(*, user: Model, purpose: str = Consent.Purpose.TRAINING) -> Consent | None:
    """Return what somebody agreed to and did not withdraw."""
    return Consent.objects.standing().of(user, purpose).first()


def give_consent(*, user: Model, notice_version: str, purpose: str = Consent.Purpose.TRAINING) -> Consent:
    """Record that somebody agrees, having read that version of the notice; agreeing twice records one."""
    if notice_version != NOTICES[Consent.Purpose(purpose)]:
        raise ConsentError("notice_changed", "This notice has changed in the meantime; please read it again.")
    with transaction.atomic():
        consent, _ = Consent.objects.standing().get_or_create(
            user=user, purpose=purpose, withdrawn_at=None, defaults={"notice_version": notice_version}
        )
    return consent


def withdraw_consent(*, user: Model, purpose: str = Consent.Purpose.TRAINING) -> bool:
    """End somebody's consent from now on, keeping its record; return whether there was one.

    Receivers of `consent_withdrawn` cancel what depends on it, such as queued analyses.
    """
    with transaction.atomic():
        withdrawn = bool(Consent.objects.standing().of(user, purpose).update(withdrawn_at=timezone.now()))
        if withdrawn:
            consent_withdrawn.send(Consent, user=user, purpose=purpose)
    return withdrawn


def require_photos_consent(*, user: Model, error: type[AnalysisError]) -> None:
    """Raise `error` of code "consent_needed" unless somebody agreed that their photos and videos are analysed."""
    if standing_consent(user=user, purpose=Consent.Purpose.PHOTOS) is None:
        message = "You have not agreed that your photos and videos are analysed: you can at /account/consents/."
        raise error("consent_needed", message)


def past_consents(*, user: Model) -> list[Consent]:
    """Return what somebody agreed to and withdrew, the latest first."""
    return list(Consent.objects.filter(user=user).exclude(withdrawn_at=None).order_by("-withdrawn_at", "-pk"))
