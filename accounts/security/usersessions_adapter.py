"""What this site adds to allauth's list of sessions."""

from __future__ import annotations

from collections.abc import Sequence

from allauth.core import context
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession

from accounts.security.services import Kind, record_event


class UserSessionsAdapter(DefaultUserSessionsAdapter):
    def end_sessions(self, sessions: Sequence[UserSession]) -> None:
        """End the sessions, and record each in the security log."""
        for session in sessions:
            record_event(request=context.request, kind=Kind.SESSION_ENDED, user=session.user, detail=session.user_agent)
        super().end_sessions(sessions)
