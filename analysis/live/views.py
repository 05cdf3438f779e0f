"""The Live page."""

from __future__ import annotations

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from analysis.consents import services as consents
from analysis.consents.models import Consent
from analysis.recognition.emotions import EMOTIONS
from analysis.sessions.services import NAME_MAX

CAMERA, PHOTOS = Consent.Purpose.CAMERA, Consent.Purpose.PHOTOS


@never_cache
@login_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Show the camera page, or the consent form for a user who has not consented."""
    context = {
        "consent": consents.active_consent(user=request.user, purpose=CAMERA),
        "notice_version": consents.NOTICES[CAMERA],
        "photos_consent": consents.active_consent(user=request.user, purpose=PHOTOS),
        "photos_notice_version": consents.NOTICES[PHOTOS],
        "name_max": NAME_MAX,
        "emotions": EMOTIONS,
    }
    # Safari before 16 does not extend 'self' to WebSockets.
    sockets = [f"{scheme}://{request.get_host()}" for scheme in ("ws", "wss")]
    return csp_update({"connect-src": [SELF, *sockets]})(render)(request, "analysis/live/live.html", context)
