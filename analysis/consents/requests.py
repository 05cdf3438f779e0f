"""What an upload request says about the consent of the people in it."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest
from django.utils import timezone

from analysis.consents import services as consents
from analysis.consents.models import Consent
from analysis.errors import AnalysisError

Purpose = Consent.Purpose
AGREED = "people_agreed"


def upload_consent(request: HttpRequest) -> dict[str, object]:
    """Return what a page that takes pictures needs: whether it may, and what its form, if refused, said of the people.

    Each visit to the page asks anew: whoever agreed to one picture has not agreed to the next.
    """
    return {
        "may_analyse": consents.standing_consent(user=request.user, purpose=Purpose.PHOTOS) is not None,
        "photos_notice_version": consents.NOTICES[Purpose.PHOTOS],
        AGREED: _says_agreed(request),
    }


def people_agreed_at(request: HttpRequest, error: type[AnalysisError]) -> dt.datetime:
    """Return the time of a request that says that the people in its pictures agreed; raise `error` for another."""
    if not _says_agreed(request):
        raise error("people_not_asked", "Say first that everybody to be seen in it agreed, or that it is only you.")
    return timezone.now()


def _says_agreed(request: HttpRequest) -> bool:
    return request.POST.get(AGREED) == "on"
