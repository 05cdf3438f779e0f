"""Declarations in upload requests, of pages and of the API, that the people in a picture agreed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from rest_framework import serializers

from analysis.consents.models import Consent
from analysis.consents.services import NOTICES, active_consent
from analysis.errors import AnalysisError
from ferproject.api.serializers import StrictBooleanField

_AGREED_ON = "people_agreed_on"
"""Key of the day, in the person's time zone, whose forms begin with a ticked box."""


class PeopleAgreedSerializer(serializers.Serializer[Any]):
    people_agreed = StrictBooleanField(
        required=False, help_text="true: everyone in it has agreed to this; the time is saved with it."
    )

    @property
    def people_agreed_at(self) -> dt.datetime | None:
        """Now, None without a declaration."""
        return timezone.now() if self.validated_data.get("people_agreed") else None


def upload_consent(request: HttpRequest) -> dict[str, object]:
    """Return a page's template variables for uploads: the user's consent, and whether the checkbox is ticked.

    It is in a refused form as it was sent, and on the day of an accepted one.
    """
    photos = Consent.Purpose.PHOTOS
    return {
        "may_analyse": active_consent(user=request.user, purpose=photos) is not None,
        "photos_notice_version": NOTICES[photos],
        "people_agreed": _people_agreed(request) or request.session.get(_AGREED_ON) == _today(),
    }


def people_agreed_at(request: HttpRequest, error: type[AnalysisError]) -> dt.datetime:
    """Return now; raise `error` where the form does not declare that the people in the picture agreed."""
    if not _people_agreed(request):
        raise error("people_not_asked", gettext("Confirm that everyone in it has agreed, or that it is only you."))
    if request.session.get(_AGREED_ON) != _today():
        request.session[_AGREED_ON] = _today()
    return timezone.now()


def _today() -> str:
    return timezone.localdate().isoformat()


def _people_agreed(request: HttpRequest) -> bool:
    return request.POST.get("people_agreed") == "on"
