"""Whether those who opened sockets are still let in, asked for all of them at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from accounts import services
from accounts.models import ApiToken, User
from accounts.tokens.services import create_token, revoke_token
from accounts.websocket_auth import SocketSignIn, SocketSignInMiddleware

pytestmark = pytest.mark.django_db


def by_session(user: User) -> SocketSignIn:
    client = Client()
    client.force_login(user)
    return SocketSignIn(user, user.pk, user.password, session_key=client.session.session_key)


def by_token(user: User, name: str = "Laptop") -> SocketSignIn:
    token = create_token(user=user, name=name, scope="read", expires_in=None).token
    return SocketSignIn(user, user.pk, user.password, digest=token.digest)


def is_valid(sign_in: SocketSignIn) -> bool:
    return SocketSignIn.still_valid([sign_in]) == {sign_in}


@pytest.mark.parametrize("kind", [by_session, by_token])
def test_a_new_sign_in_is_valid(user: User, kind):
    assert is_valid(kind(user))


@pytest.mark.parametrize("kind", [by_session, by_token])
def test_a_deactivated_user_is_signed_out(user: User, kind):
    sign_in = kind(user)
    User.objects.update(is_active=False)
    assert not is_valid(sign_in)


@pytest.mark.parametrize("kind", [by_session, by_token])
def test_a_deleted_user_is_signed_out(user: User, kind):
    sign_in = kind(user)
    user.delete()
    assert not is_valid(sign_in)


def test_the_session_was_signed_out(user: User):
    sign_in = by_session(user)
    Session.objects.all().delete()
    assert not is_valid(sign_in)


def test_the_session_expired(user: User):
    sign_in = by_session(user)
    Session.objects.update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    assert not is_valid(sign_in)


def test_the_password_was_changed(user: User):
    session, token = by_session(user), by_token(user)
    user.set_password("another password")
    user.save()
    assert SocketSignIn.still_valid([session, token]) == {token}


def test_the_token_was_revoked(user: User):
    sign_in = by_token(user)
    revoke_token(token=ApiToken.objects.get())
    assert not is_valid(sign_in)


def test_the_token_expired(user: User):
    sign_in = by_token(user)
    ApiToken.objects.update(expiry=timezone.now())
    assert not is_valid(sign_in)


def test_another_users_session_stays_valid(user: User, other_user: User):
    first, second = by_session(user), by_session(other_user)
    Session.objects.filter(pk=first.session_key).delete()
    assert SocketSignIn.still_valid([first, second]) == {second}


def test_any_number_takes_three_queries(user: User, other_user: User, django_assert_num_queries):
    sign_ins = [by_session(user) for _ in range(5)] + [by_token(other_user, str(number)) for number in range(5)]
    with django_assert_num_queries(3):
        assert SocketSignIn.still_valid(sign_ins) == set(sign_ins)


def test_no_secret_is_shown(user: User):
    session, token = by_session(user), by_token(user)
    shown = repr(session) + repr(token)
    assert not any(secret in shown for secret in (session.session_key, token.digest, user.password))


@pytest.mark.parametrize(("rule", "is_let_in"), [("optional", True), ("everybody", False)])
def test_without_a_required_second_step_the_session_opens_no_socket(
    user: User, rule: str, is_let_in: bool, monkeypatch
):
    # Channels' own would close the test's connection.
    monkeypatch.setattr("accounts.websocket_auth.database_sync_to_async", sync_to_async)
    services.change_second_factor(second_factor=rule)
    opened = []

    async def application(scope, receive, send):
        opened.append(scope["sign_in"])

    _open(application, user)
    assert [sign_in is not None for sign_in in opened] == [is_let_in]


@pytest.mark.parametrize(
    ("chosen", "accepted", "active"),
    [("de", b"fr", "de"), ("", b"fr", "fr"), ("xx", b"fr", "fr"), ("", b"xx;q=\xff", "en"), ("", None, "en")],
)
def test_a_socket_has_the_users_language_else_the_browsers(
    user: User, chosen: str, accepted: bytes | None, active: str, monkeypatch
):
    monkeypatch.setattr("accounts.websocket_auth.database_sync_to_async", sync_to_async)
    User.objects.update(language=chosen)
    languages = []

    async def application(scope, receive, send):
        languages.append(get_language())

    user.refresh_from_db()
    _open(application, user, headers=[] if accepted is None else [(b"accept-language", accepted)])
    assert languages == [active]


def _open(application: Any, user: User, **scope: Any) -> None:
    """Open a socket with a new session of the user."""
    client = Client()
    client.force_login(user)
    lazy = SimpleLazyObject(lambda: user)
    bool(lazy.pk)  # as Channels has loaded it
    scope = {"type": "websocket", "user": lazy, "session": client.session, "headers": [], **scope}
    async_to_sync(SocketSignInMiddleware(application)._sign_in_by_session)(scope, None, None)
