"""Consents: one row for each purpose, with the version of the notice that was read and the time."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Model
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext

from analysis.consents.models import Consent
from analysis.errors import AnalysisError, ConsentError

consent_withdrawn = Signal()
"""Sent by `Consent`, with `user` and `purpose`, inside the transaction that ends a consent."""

NOTICES = {
    Consent.Purpose.PHOTOS: "2026-11-29",
    Consent.Purpose.CAMERA: "2026-11-29",
    Consent.Purpose.TRAINING: "2026-11-29",
    Consent.Purpose.TAKEN: "2026-11",
}
"""Version of each purpose's notice, `templates/analysis/consents/<purpose>_notice.html`."""


def active_consent(*, user: Model, purpose: str = Consent.Purpose.TRAINING) -> Consent | None:
    """Return the user's consent to a purpose, None where it was never given or is withdrawn."""
    return Consent.objects.active().filter(user=user, purpose=purpose).first()


def give_consent(*, user: Model, notice_version: str, purpose: str = Consent.Purpose.TRAINING) -> Consent:
    """Record the consent of a user who has read that version of the notice; return the active one where it exists."""
    if notice_version != NOTICES[Consent.Purpose(purpose)]:
        raise ConsentError("notice_changed", gettext("This notice has changed. Read it again before you agree."))
    with transaction.atomic():
        consent, _ = Consent.objects.active().get_or_create(
            user=user, purpose=purpose, withdrawn_at=None, defaults={"notice_version": notice_version}
        )
    return consent


def withdraw_consent(*, user: Model, purpose: str = Consent.Purpose.TRAINING) -> bool:
    """End a consent, keeping its row; return whether there was one.

    Receivers of `consent_withdrawn` cancel what depends on it, such as queued analyses.
    """
    with transaction.atomic():
        consents = Consent.objects.active().filter(user=user, purpose=purpose)
        withdrawn = bool(consents.update(withdrawn_at=timezone.now()))
        if withdrawn:
            consent_withdrawn.send(Consent, user=user, purpose=purpose)
    return withdrawn


def require_photos_consent(*, user: Model, error: type[AnalysisError]) -> None:
    """Raise `error` of code "consent_needed" without the user's consent to the analysis of photos and videos."""
    if active_consent(user=user, purpose=Consent.Purpose.PHOTOS) is None:
        message = gettext("You have not agreed that your photos and videos are analysed. Agree at /account/consents/.")
        raise error("consent_needed", message)
