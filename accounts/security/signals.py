"""What allauth's and Django's account signals cause: events in the security log, and new keys of sessions."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account_signals
from allauth.mfa import signals as mfa_signals
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_out

from accounts.security.services import Kind, factor_name, record_event


def connect() -> None:
    """Connect the receivers; called once all apps are ready."""
    account_signals.authentication_step_completed.connect(_renew_session, dispatch_uid="renew-session")
    for signal, kind in (
        (account_signals.password_changed, Kind.PASSWORD_CHANGED),
        (account_signals.password_set, Kind.PASSWORD_CHANGED),
        (account_signals.password_reset, Kind.PASSWORD_RESET),
        (account_signals.email_added, Kind.EMAIL_ADDED),
        (account_signals.email_removed, Kind.EMAIL_REMOVED),
        (account_signals.email_confirmed, Kind.EMAIL_CONFIRMED),
        (account_signals.email_changed, Kind.EMAIL_CHANGED),
        (mfa_signals.authenticator_added, Kind.FACTOR_ADDED),
        (mfa_signals.authenticator_removed, Kind.FACTOR_REMOVED),
        (mfa_signals.authenticator_reset, Kind.FACTOR_RENEWED),
        (mfa_signals.authentication_failed, Kind.SECOND_FACTOR_FAILED),
        (user_logged_out, Kind.SIGNED_OUT),
    ):
        # Signals hold receivers weakly, and these are made here.
        signal.connect(_recorder(kind), weak=False, dispatch_uid=f"security-log-{kind}-{id(signal)}")
    user_logged_out.connect(_mark_signed_out, dispatch_uid="mark-signed-out")


def _mark_signed_out(sender: Any, request: Any, **facts: Any) -> None:
    """Have the response clear what the browser stored; see `ferproject.headers`."""
    if request is not None:
        request.signed_out = True


def _renew_session(sender: Any, request: Any, reauthenticated: bool = False, **facts: Any) -> None:
    """Give the session of who confirmed the password or factor a new key, as signing in does; the old one ends."""
    if reauthenticated:
        old = request.session.session_key
        request.session.cycle_key()
        UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)


def _recorder(kind: str) -> Any:
    def record(sender: Any, request: Any, **facts: Any) -> None:
        address = facts.get("email_address") or facts.get("to_email_address")
        user = facts.get("user") or (address.user if address else None)
        if request is not None and user is not None:
            subject = address.email if address else factor_name(facts.get("authenticator"))
            record_event(request=request, kind=kind, user=user, detail=subject)

    return record
