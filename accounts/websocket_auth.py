"""Who opens a WebSocket: by the site's own session, or by a token in the header."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.tokens import services as tokens
from ferproject.server.origins import Application, Scope, token_of

MAX_LENGTH = 200


@dataclass(frozen=True)
class SocketSignIn:
    """How somebody came in: by the browser session of `session_key`, or by the token with `digest`.

    `password` is the hash of their password then: whoever changes it ends every sign-in made before.
    """

    user: User = field(compare=False)
    user_id: int
    password: str = field(repr=False)
    session_key: str = field(default="", repr=False)
    digest: str = field(default="", repr=False)
    may_write: bool = True

    @classmethod
    def still_valid(cls, sign_ins: Collection[SocketSignIn]) -> set[SocketSignIn]:
        """Return those that still let their people in: three queries, however many there are."""
        users = User.objects.filter(pk__in={sign_in.user_id for sign_in in sign_ins}, is_active=True)
        passwords = dict(users.values_list("pk", "password"))
        sessions = _open_sessions({sign_in.session_key for sign_in in sign_ins if sign_in.session_key})
        digests = _valid_tokens({sign_in.digest for sign_in in sign_ins if sign_in.digest})
        return {sign_in for sign_in in sign_ins if sign_in._is_valid(passwords, sessions, digests)}

    def _is_valid(self, passwords: dict[int, str], sessions: set[str], digests: set[str]) -> bool:
        if self.digest:
            return self.user_id in passwords and self.digest in digests
        return passwords.get(self.user_id) == self.password and self.session_key in sessions


class SocketSignInMiddleware:
    """Sets `scope["user"]` and `scope["sign_in"]`, the latter None for whoever is not signed in.

    A request that brings a token is judged by that alone. Tokens travel in the header only: addresses end up in logs.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._by_session = AuthMiddlewareStack(self._with_session)

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        secret = token_of(scope)
        if secret is None:
            await self._by_session(scope, receive, send)
            return
        sign_in = await database_sync_to_async(_by_token)(secret)
        scope = {**scope, "user": sign_in.user if sign_in else None, "sign_in": sign_in}
        await self._application(scope, receive, send)

    async def _with_session(self, scope: Scope, receive: Any, send: Any) -> None:
        user = scope["user"]
        sign_in = None
        if user.is_authenticated:
            # Out of Channels' lazy wrapper, which cannot be pickled, compared or kept.
            user = user._wrapped
            sign_in = SocketSignIn(user, user.pk, user.password, session_key=scope["session"].session_key)
        await self._application({**scope, "user": user, "sign_in": sign_in}, receive, send)


def _by_token(secret: str) -> SocketSignIn | None:
    token = tokens.find_token(secret=secret) if len(secret) <= MAX_LENGTH else None
    if token is None:
        return None
    tokens.mark_used(token=token)
    return SocketSignIn(
        token.user,
        token.user_id,
        token.user.password,
        digest=token.digest,
        may_write=token.scope == ApiToken.Scope.WRITE,
    )


def _open_sessions(keys: set[str]) -> set[str]:
    found = Session.objects.filter(Q(session_key__in=keys), expire_date__gt=timezone.now())
    return set(found.values_list("session_key", flat=True)) if keys else set()


def _valid_tokens(digests: set[str]) -> set[str]:
    return (
        set(ApiToken.objects.valid().filter(digest__in=digests).values_list("digest", flat=True)) if digests else set()
    )
