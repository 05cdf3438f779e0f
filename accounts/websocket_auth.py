"""Authentication of WebSockets, by the browser's session or by a token in the header, and their language."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from django.contrib.sessions.models import Session
from django.utils import timezone, translation

from accounts import second_factor
from accounts.models import ApiToken, User
from accounts.tokens.services import find_token, mark_used
from ferproject.languages import scope_language
from ferproject.server.origins import Application, Scope, token_from_header


@dataclass(frozen=True)
class SocketSignIn:
    """Sign-in of one WebSocket, by the browser session `session_key` or by the token with `digest`.

    `password` is the user's password hash at that time: a session is valid until the password changes.
    """

    user: User = field(compare=False)
    user_id: int
    password: str = field(repr=False)
    session_key: str = field(default="", repr=False)
    digest: str = field(default="", repr=False)
    may_write: bool = True

    @classmethod
    def still_valid(cls, sign_ins: Collection[SocketSignIn]) -> set[SocketSignIn]:
        """Return the sign-ins that have not been revoked and have not expired, with three queries."""
        users = User.objects.filter(pk__in={sign_in.user_id for sign_in in sign_ins}, is_active=True)
        passwords = dict(users.values_list("pk", "password"))
        keys = {sign_in.session_key for sign_in in sign_ins if sign_in.session_key}
        open_sessions = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
        open_keys = set(open_sessions.values_list("session_key", flat=True))
        digests = {sign_in.digest for sign_in in sign_ins if sign_in.digest}
        valid_digests = set(ApiToken.objects.valid().filter(digest__in=digests).values_list("digest", flat=True))

        def is_valid(sign_in: SocketSignIn) -> bool:
            if sign_in.digest:
                return sign_in.user_id in passwords and sign_in.digest in valid_digests
            return passwords.get(sign_in.user_id) == sign_in.password and sign_in.session_key in open_keys

        return set(filter(is_valid, sign_ins))


class SocketSignInMiddleware:
    """Sets `scope["user"]` and `scope["sign_in"]`, which is None without sign-in, and activates the language.

    A token in the header takes precedence over the session. Tokens in the address are not accepted: addresses are
    logged.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._with_session = AuthMiddlewareStack(self._sign_in_by_session)

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        secret = token_from_header(scope)
        if secret is None:
            await self._with_session(scope, receive, send)
            return
        sign_in = await database_sync_to_async(_sign_in_by_token)(secret)
        await self._run(scope, receive, send, user=sign_in.user if sign_in else None, sign_in=sign_in)

    async def _sign_in_by_session(self, scope: Scope, receive: Any, send: Any) -> None:
        user = scope["user"]
        sign_in = None
        if user.is_authenticated and not await database_sync_to_async(second_factor.is_missing)(user):
            # Channels' lazy wrapper cannot be pickled or compared.
            user = user._wrapped
            sign_in = SocketSignIn(user, user.pk, user.password, session_key=scope["session"].session_key)
        await self._run(scope, receive, send, user=user, sign_in=sign_in)

    async def _run(self, scope: Scope, receive: Any, send: Any, **found: Any) -> None:
        """Run the application in the language of the user or their browser, with the scope's new keys."""
        scope = {**scope, **found}
        with translation.override(scope_language(scope)):
            await self._application(scope, receive, send)


def _sign_in_by_token(secret: str) -> SocketSignIn | None:
    token = find_token(secret=secret)
    if token is None:
        return None
    mark_used(token=token)
    user, may_write = token.user, token.scope == ApiToken.Scope.WRITE
    return SocketSignIn(user, user.pk, user.password, digest=token.digest, may_write=may_write)
