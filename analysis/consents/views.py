"""The page with every consent, and where each is given and taken back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from analysis.consents import services as consents
from analysis.consents.models import Consent
from analysis.errors import AnalysisError

Purpose = Consent.Purpose
TITLES = {
    Purpose.PHOTOS: "Photos and videos",
    Purpose.CAMERA: "Live camera",
    Purpose.TRAINING: "Learning from your corrections",
}
_ASKED_ON = {"upload": "analysis:upload", "videos": "analysis:videos", "live": "analysis:live"}
"""Pages that ask for a consent in place, and are gone back to."""


@never_cache
@login_required
@require_safe
def consent_list(request: HttpRequest) -> HttpResponse:
    rows = [_row(request, purpose, title) for purpose, title in TITLES.items()]
    context = {"rows": rows, "past": consents.past_consents(user=request.user)}
    return render(request, "analysis/consents/consents.html", context)


@login_required
@require_POST
def consent(request: HttpRequest, purpose: str) -> HttpResponse:
    """Take or end one consent."""
    if purpose not in Purpose.values:
        raise Http404
    try:
        if request.POST.get("answer") == "agree":
            notice = request.POST.get("notice", "")
            consents.give_consent(user=request.user, purpose=purpose, notice_version=notice)
        elif consents.withdraw_consent(user=request.user, purpose=purpose):
            messages.success(request, f"Withdrawn: {Purpose(purpose).label}.")
    except AnalysisError as error:
        messages.error(request, error.message)
    asked_on = _ASKED_ON.get(request.POST.get("next", ""))
    return redirect(asked_on or f"{reverse('analysis:consents')}#{purpose}")


def _row(request: HttpRequest, purpose: Purpose, title: str) -> dict[str, Any]:
    return {
        "purpose": purpose.value,
        "title": title,
        "notice": f"analysis/consents/{purpose.value}_notice.html",
        "notice_version": consents.NOTICES[purpose],
        "consent": consents.standing_consent(user=request.user, purpose=purpose),
    }
