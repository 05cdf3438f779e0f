"""Page of the user's security log."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.security.models import SecurityEvent

MAX_EVENTS = 100


@login_required
@require_safe
def security_log(request: HttpRequest) -> HttpResponse:
    """Show the latest events of the user's account."""
    events = SecurityEvent.objects.of(request.user).newest_first()[:MAX_EVENTS]
    return render(request, "accounts/security_log.html", {"events": events, "max": MAX_EVENTS})
