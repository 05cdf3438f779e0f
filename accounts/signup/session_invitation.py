"""The invitation that a visitor holds: whoever opened a link keeps it in the session until signing up."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import Invitation

SESSION_KEY = "invitation"


def hold_invitation(request: HttpRequest, invitation: Invitation) -> None:
    request.session[SESSION_KEY] = invitation.pk


def invitation_of(request: HttpRequest) -> Invitation | None:
    """Return the visitor's invitation as long as it counts."""
    held = request.session.get(SESSION_KEY)
    return Invitation.objects.pending().filter(pk=held).first() if held else None


def drop_invitation(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)
