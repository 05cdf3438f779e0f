"""API tokens: made, found by their secret, used, revoked."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.errors import AccountsError
from accounts.models import ApiToken
from accounts.tokens import services as tokens


@pytest.fixture
def make(user):
    def make(name="script", **fields):
        return tokens.create_token(user=user, name=name, **{"scope": "read", "expires_in": None, **fields})

    return make


def test_the_secret_is_long_and_is_not_kept(make):
    new = make()
    assert new.secret.startswith("fer_")
    assert len(new.secret) == 68
    kept = [str(value) for value in ApiToken.objects.values().get().values()]
    assert not [value for value in kept if new.secret in value or new.secret[16:] in value]


def test_a_secret_finds_its_token(make):
    new = make()
    make("another")
    assert tokens.find_token(secret=new.secret) == new.token


@pytest.mark.parametrize("secret", ["", "fer_", "ü", "\0", "\ufffd" * 9, "x" * 10_000])
def test_no_other_secret_finds_one(make, secret):
    make()
    assert tokens.find_token(secret=secret) is None


def test_a_secret_cut_short_or_changed_finds_none(make):
    secret = make().secret
    assert tokens.find_token(secret=secret[:-1]) is None
    assert tokens.find_token(secret=secret.upper()) is None


def test_an_expired_token_is_invalid_but_listed(make, user):
    new = make(expires_in=dt.timedelta(days=1))
    ApiToken.objects.update(expiry=timezone.now() - dt.timedelta(seconds=1))
    assert tokens.find_token(secret=new.secret) is None
    assert ApiToken.objects.owned_by(user).get().has_expired


def test_a_revoked_token_is_deleted(make):
    new = make()
    tokens.revoke_token(token=new.token)
    assert tokens.find_token(secret=new.secret) is None


def test_a_deactivated_user_cannot_sign_in(make, user):
    new = make()
    user.is_active = False
    user.save()
    assert tokens.find_token(secret=new.secret) is None


def test_two_tokens_of_one_person_have_two_names(make, other_user):
    make()
    with pytest.raises(AccountsError, match="Choose another name") as refusal:
        make()
    assert refusal.value.code == "name_taken"
    tokens.create_token(user=other_user, name="script", scope="read", expires_in=None)


def test_there_is_an_end_to_tokens(make):
    for number in range(tokens.MAX_TOKENS):
        make(str(number))
    with pytest.raises(AccountsError, match="Revoke one first") as refusal:
        make("one more")
    assert refusal.value.code == "too_many_tokens"


def test_an_unknown_scope_is_refused(make):
    with pytest.raises(AccountsError, match="expected one of read, write; got “admin”"):
        make(scope="admin")


def test_its_use_is_noted_once_a_minute(make, django_assert_num_queries, monkeypatch):
    token = make().token
    tokens.mark_used(token=token)
    first = ApiToken.objects.get().last_used_at
    with django_assert_num_queries(0):
        tokens.mark_used(token=token)
    later = first + tokens.LAST_USED_PRECISION
    monkeypatch.setattr("accounts.tokens.services.timezone.now", lambda: later)
    tokens.mark_used(token=token)
    assert ApiToken.objects.get().last_used_at == later
