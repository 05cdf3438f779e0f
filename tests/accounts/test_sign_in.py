"""People sign in with their address and password."""

import pytest
from django.test import Client

from accounts.models import User


def sign_in(client: Client, email: str, password: str, **fields: str):
    return client.post("/accounts/login/", {"login": email, "password": password, **fields})


@pytest.mark.parametrize("email", ["ada@example.org", "ADA@Example.org"])
def test_it_leads_to_the_upload(client, user, password, email: str):
    response = sign_in(client, email, password)

    assert response["Location"] == "/photos/new/"
    assert client.session["_auth_user_id"] == str(user.pk)


def test_somebody_made_in_the_shell_can_sign_in(client, administrator, password):
    assert sign_in(client, "admin@example.org", password).status_code == 302


@pytest.mark.parametrize(
    ("email", "typed"),
    [("ada@example.org", "wrong"), ("nobody@example.org", "wrong"), ("ada@example.org", ""), ("no address", "wrong")],
)
def test_wrong_input_is_refused_and_the_address_kept(client, user, email: str, typed: str):
    response = sign_in(client, email, typed)

    assert response.context["form"].errors
    assert f'value="{email}"' in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_it_does_not_tell_who_has_an_account(client, user):
    known = sign_in(client, "ada@example.org", "wrong").context["form"].errors
    unknown = sign_in(client, "nobody@example.org", "wrong").context["form"].errors

    assert known == unknown


def test_somebody_switched_off_is_told_and_stays_out(client, user, password):
    User.objects.update(is_active=False)

    response = client.post("/accounts/login/", {"login": user.email, "password": password}, follow=True)

    assert "switched off" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_somebody_switched_off_while_signed_in_is_out(client, user):
    client.force_login(user)
    User.objects.update(is_active=False)

    assert client.get("/account/").status_code == 302


def test_it_leads_back_to_where_somebody_came_from(client, user, password):
    assert sign_in(client, user.email, password, next="/account/")["Location"] == "/account/"


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "https://evil.example/", "javascript:alert(1)", "/\\evil.example", "http:///evil.example"],
)
def test_it_never_leads_to_another_site(client, user, password, address: str):
    assert sign_in(client, user.email, password, next=address)["Location"] == "/photos/new/"


@pytest.mark.parametrize("address", ["//evil.example", "https://evil.example/"])
def test_it_never_leads_somebody_signed_in_to_another_site(client, user, address: str):
    client.force_login(user)

    assert client.get("/accounts/login/", {"next": address})["Location"] == "/photos/new/"


def test_the_session_that_somebody_came_with_is_replaced(client, user, password):
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted

    sign_in(client, user.email, password)

    assert client.cookies["sessionid"].value != planted


def test_many_wrong_passwords_are_stopped(client, user, password):
    for _ in range(6):
        sign_in(client, user.email, "wrong")

    assert "Too many failed sign-ins. Try again in 5 minutes." in sign_in(client, user.email, password).content.decode()


def test_it_needs_the_csrf_token(user, password):
    assert sign_in(Client(enforce_csrf_checks=True), user.email, password).status_code == 403


def test_the_admin_uses_the_same_page(db, client):
    assert client.get("/admin/login/?next=/admin/")["Location"].startswith("/accounts/login/?next=")
