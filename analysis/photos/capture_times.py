"""When photos were taken: kept with the owner's consent, erased when it is withdrawn."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Model

from analysis.consents.models import Consent
from analysis.history.sums import add_to_history, face_entries, remove_from_history
from analysis.photos.models import Face, Photo

_BATCH = 500


def keeps_capture_times(*, owner: Model, locks: bool = False) -> bool:
    """Return whether the owner agreed; `locks` makes a withdrawal wait for the transaction that asks."""
    consents = Consent.objects.active().filter(user=owner, purpose=Consent.Purpose.TAKEN)
    return (consents.select_for_update() if locks else consents).first() is not None


def capture_time(taken: str | None, *, zone: dt.tzinfo) -> dt.datetime | None:
    """Return the time in UTC that `RenderedPhoto.taken` tells; one without an offset is of `zone`."""
    if taken is None:
        return None
    moment = dt.datetime.fromisoformat(taken)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(dt.UTC)


def erase_on_withdrawal(*, user: Model, purpose: str, **kwargs: Any) -> None:
    """Erase the user's capture times with the consent to keep them; a receiver of `consent_withdrawn`."""
    if purpose != Consent.Purpose.TAKEN:
        return
    with transaction.atomic():
        # Also those whose deletion is pending, which may be undone.
        photos = Photo._base_manager.filter(owner=user, taken_at__isnull=False)
        ids = list(photos.select_for_update().order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            faces = Face.objects.current().filter(analysis__photo__in=batch)
            remove_from_history(face_entries(faces))
            Photo._base_manager.filter(pk__in=batch).update(taken_at=None)
            add_to_history(face_entries(faces))
