"""Create, revoke and look up API tokens."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext
from knox.crypto import hash_token

from accounts.errors import AccountsError
from accounts.models import ApiToken, User
from ferproject.databases import short_lock_timeout

MAX_TOKENS = 20
MAX_SECRET_LENGTH = 200
LAST_USED_PRECISION = dt.timedelta(minutes=1)
"""`last_used_at` is written at most this often, so that frequent requests do not each write to the database."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class NewToken:
    """A token with its secret, which is not stored."""

    token: ApiToken
    secret: str


def create_token(*, user: User, name: str, scope: str, expires_in: dt.timedelta | None) -> NewToken:
    """Create a token that expires after `expires_in`, or never if None.

    Raises `AccountsError` of code "unknown_scope", "name_taken" or "too_many_tokens".
    """
    if scope not in ApiToken.Scope.values:
        expected = ", ".join(ApiToken.Scope.values)
        message = gettext("scope: expected one of %(expected)s; got “%(value)s”.")
        raise AccountsError("unknown_scope", message % {"expected": expected, "value": scope})
    try:
        with transaction.atomic():
            # Lock the user, so that a concurrent request counts this token too.
            User.objects.select_for_update().get(pk=user.pk)
            if ApiToken.objects.filter(user=user).count() >= MAX_TOKENS:
                message = gettext("You have %(count)s tokens, which is the most allowed. Revoke one first.")
                raise AccountsError("too_many_tokens", message % {"count": MAX_TOKENS})
            token, secret = ApiToken.objects.create(user, expiry=expires_in, name=name, scope=scope)
    except IntegrityError:
        message = gettext("You already have a token called “%(name)s”. Choose another name.")
        raise AccountsError("name_taken", message % {"name": name}) from None
    return NewToken(token, secret)


def revoke_token(*, token: ApiToken) -> None:
    token.delete()


def revoke_all_tokens(*, user: User) -> None:
    ApiToken.objects.owned_by(user).delete()


def find_token(*, secret: str) -> ApiToken | None:
    """Return the valid token with this secret and its user, None if it is unknown, expired or revoked."""
    if len(secret) > MAX_SECRET_LENGTH:
        return None
    return ApiToken.objects.valid().filter(digest=hash_token(secret)).first()


def mark_used(*, token: ApiToken) -> None:
    """Update `last_used_at`, at most once per `LAST_USED_PRECISION`; a database error is only logged."""
    now = timezone.now()
    if token.last_used_at is not None and now - token.last_used_at < LAST_USED_PRECISION:
        return
    try:
        with short_lock_timeout():
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    except DatabaseError as error:
        logger.warning("last_used_at of a token could not be updated: %s", error)
    else:
        token.last_used_at = now
