"""Every write to API tokens, and finding the one that a secret belongs to."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from knox.crypto import hash_token

from accounts.errors import AccountsError
from accounts.models import ApiToken, User
from ferproject.sqlite import waiting_briefly

MAX_TOKENS = 20
USED_EVERY = dt.timedelta(minutes=1)
"""How exact `last_used_at` is: a program that asks ten times a second must not write as often."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class NewToken:
    """A token with its secret, which is known only now."""

    token: ApiToken
    secret: str


def create_token(*, user: User, name: str, scope: str, expires_in: dt.timedelta | None) -> NewToken:
    """Make a token; `expires_in` None: it works until it is revoked.

    Raises `AccountsError` of code "unknown_scope", "name_taken" or "too_many_tokens".
    """
    if scope not in ApiToken.Scope.values:
        expected = ", ".join(ApiToken.Scope.values)
        raise AccountsError("unknown_scope", f"scope: expected one of {expected}; got {scope!r}")
    try:
        with transaction.atomic():
            # The row is the lock: of two at once the second waits here and then counts the first one's token.
            User.objects.select_for_update().get(pk=user.pk)
            if ApiToken.objects.filter(user=user).count() >= MAX_TOKENS:
                message = f"You have {MAX_TOKENS} tokens already, and no more are allowed; revoke one first."
                raise AccountsError("too_many_tokens", message)
            token, secret = ApiToken.objects.create(user, expiry=expires_in, name=name, scope=scope)
    except IntegrityError:
        raise AccountsError("name_taken", f"You have a token called “{name}” already; choose another name.") from None
    return NewToken(token, secret)


def revoke_token(*, token: ApiToken) -> None:
    """Let a token in no more, from now on."""
    token.delete()


def find_token(*, secret: str) -> ApiToken | None:
    """Return the token whose secret this is, with its user; None where it is unknown, expired or revoked."""
    return ApiToken.objects.valid().filter(digest=hash_token(secret)).first()


def mark_used(*, token: ApiToken) -> None:
    """Note that a token was used now, at most once in `USED_EVERY`.

    Whoever asks is let in all the same where that cannot be written, or not soon: what was asked for may be readable.
    """
    now = timezone.now()
    if token.last_used_at is not None and now - token.last_used_at < USED_EVERY:
        return
    try:
        with waiting_briefly():
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    except DatabaseError as error:
        logger.warning("When a token was last used could not be noted: %s", error)
    else:
        token.last_used_at = now
