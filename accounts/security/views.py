"""Page of the user's security log, and the end of one of the user's sessions."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import list_usersessions
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.security.models import SecurityEvent

MAX_EVENTS = 100


@login_required
@require_safe
def security_log(request: HttpRequest) -> HttpResponse:
    """Show the latest events of the user's account."""
    events = SecurityEvent.objects.of(request.user).newest_first()[:MAX_EVENTS]
    return render(request, "accounts/security_log.html", {"events": events, "max": MAX_EVENTS})


# Shows where the user is signed in, and ends all other sessions.
sessions = login_required(reauthentication_required(list_usersessions, allow_get=True))


@login_required
@require_POST
@reauthentication_required
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign another browser of the user out, or this one."""
    end_sessions(request, [get_object_or_404(UserSession, user=request.user, pk=pk)])
    messages.success(request, gettext("That browser is signed out."))
    return redirect("accounts:sessions")
