"""Somebody signed in changes the password with the old one."""

import pytest
from django.test import Client

from accounts.models import ApiToken
from accounts.tokens.services import create_token

NEW_PASSWORD = "a quite different passphrase"
PATH = "/accounts/password/change/"


def test_it_changes_and_the_session_goes_on(client, user, password):
    client.force_login(user)

    client.post(PATH, {"oldpassword": password, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)
    assert client.get("/account/").status_code == 200


def test_it_ends_the_sessions_elsewhere(client, user, password):
    elsewhere = Client()
    elsewhere.force_login(user)
    client.force_login(user)

    client.post(PATH, {"oldpassword": password, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert elsewhere.get("/account/").status_code == 302


@pytest.mark.parametrize(
    "chosen", [" spaces around it ", "only small letters", "Größe 🦉 ÇA\tva", "x" * 60 + "yz" * 20, "7302958146"]
)
def test_any_composition_is_taken_as_it_is_typed(client, user, password, chosen: str):
    client.force_login(user)

    client.post("/accounts/password/change/", {"oldpassword": password, "password1": chosen, "password2": chosen})

    user.refresh_from_db()
    assert user.check_password(chosen)
    assert not any(map(user.check_password, {chosen.strip(), chosen.lower(), chosen[:72]} - {chosen}))


def test_a_wrong_old_password_is_refused(client, user, password):
    client.force_login(user)

    response = client.post(PATH, {"oldpassword": "wrong", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    user.refresh_from_db()
    assert list(response.context["form"].errors) == ["oldpassword"]
    assert user.check_password(password)


def test_somebody_without_a_password_chooses_one(client, user):
    user.set_unusable_password()
    user.save()
    client.force_login(user)

    client.post("/accounts/password/set/", {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)


@pytest.mark.parametrize("revoke", [True, False])
def test_it_revokes_the_tokens_where_that_is_wanted(client, user, password, revoke: bool, mailoutbox):
    create_token(user=user, name="laptop", scope="read", expires_in=None)
    client.force_login(user)
    form = {"oldpassword": password, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    client.post(PATH, {**form, "revoke_tokens": "on"} if revoke else form)

    assert ApiToken.objects.exists() is not revoke
    assert (mailoutbox[-1].to, "your account was changed" in mailoutbox[-1].body) == (["ada@example.org"], True)
