"""The page where people make and revoke their tokens."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken
from accounts.tokens import services as tokens

FORM = {"name": "Backup script", "scope": "write", "expires_in": "90"}


@pytest.fixture
def signed_in(client, user, password):
    """Somebody who typed the password a moment ago."""
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": password})
    return client


@pytest.fixture
def token(user):
    return tokens.create_token(user=user, name="old", scope="read", expires_in=None).token


def _create(client, **fields):
    return client.post(reverse("accounts:create-token"), {**FORM, **fields})


def test_the_secret_is_shown_once_and_works(signed_in, client):
    page = _create(signed_in)
    secret = re.search(r'value="(fer_[0-9a-f]{64})"', page.content.decode())[1]
    assert tokens.find_token(secret=secret).name == "Backup script"
    assert "no-store" in page["Cache-Control"]
    assert secret not in signed_in.get(reverse("accounts:tokens")).content.decode()


@pytest.mark.parametrize(("choice", "days"), [("30", 30), ("90", 90), ("365", 365)])
def test_it_expires_when_it_was_said(signed_in, choice, days):
    _create(signed_in, expires_in=choice)
    left = ApiToken.objects.get().expiry - timezone.now()
    assert round(left.total_seconds() / 86_400) == days


def test_it_may_never_expire(signed_in):
    _create(signed_in, expires_in="never")
    assert ApiToken.objects.get().expiry is None


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "x" * 61}, {"scope": "all"}, {"expires_in": "0"}])
def test_what_does_not_fit_is_said_and_what_was_typed_stays(signed_in, wrong):
    response = _create(signed_in, **wrong)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not ApiToken.objects.exists()


def test_a_duplicate_name_is_an_error_of_the_name_field(signed_in, token):
    assert "Choose another" in _create(signed_in, name="old").context["form"].errors["name"][0]


def test_whoever_has_not_typed_the_password_lately_is_asked_to(client, user):
    client.force_login(user)
    response = _create(client)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_reauthenticate"))
    assert not ApiToken.objects.exists()


def test_after_reauthentication_the_requested_token_is_created(client, user, password):
    client.force_login(user)
    response = _create(client)
    page = client.post(response["Location"], {"password": password, "next": reverse("accounts:create-token")})
    assert "Backup script" in page.content.decode()
    assert ApiToken.objects.get().scope == "write"


def test_revoking_asks_first(signed_in, token):
    address = reverse("accounts:revoke-token", args=[token.public_id])
    assert "Revoke “old”?" in signed_in.get(address).content.decode()
    assert ApiToken.objects.exists()
    assert signed_in.post(address)["Location"] == reverse("accounts:tokens")
    assert not ApiToken.objects.exists()


def test_a_user_cannot_see_or_revoke_others_tokens(client, other_user, token):
    client.force_login(other_user)
    address = reverse("accounts:revoke-token", args=[token.public_id])
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    assert "old" not in client.get(reverse("accounts:tokens")).context["tokens"]
    assert ApiToken.objects.exists()


def test_the_list_says_what_is_left_of_each(signed_in, user, token):
    ApiToken.objects.update(expiry=timezone.now())
    text = signed_in.get(reverse("accounts:tokens")).content.decode()
    assert "Expired" in text
    assert "Never used" in text


def test_with_all_that_are_allowed_no_form_is_shown(signed_in, user):
    for number in range(tokens.MAX_TOKENS):
        tokens.create_token(user=user, name=str(number), scope="read", expires_in=None)
    page = signed_in.get(reverse("accounts:tokens"))
    assert "the most allowed" in page.content.decode()
    assert reverse("accounts:create-token") not in page.content.decode()
