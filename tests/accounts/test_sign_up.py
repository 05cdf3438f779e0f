"""Who may sign up is what the administrators chose."""

import pytest
from django.test import Client

from accounts import services
from accounts.models import User

pytestmark = pytest.mark.django_db


def test_closed_it_says_so(client, sign_up_form):
    response = client.post("/accounts/signup/", sign_up_form)

    assert "Sign-up is closed" in response.content.decode()
    assert not User.objects.exists()


def test_by_invitation_sign_up_needs_one(client, sign_up_form, by_invitation):
    response = client.post("/accounts/signup/", sign_up_form)

    assert "Sign-up is closed" in response.content.decode()
    assert not User.objects.exists()


def test_open_anybody_comes_in_and_lands_on_the_upload(client, sign_up_form):
    services.change_sign_up(sign_up="open")

    response = client.post("/accounts/signup/", sign_up_form)

    user = User.objects.get()
    assert response["Location"] == "/photos/new/"
    assert client.session["_auth_user_id"] == str(user.pk)
    assert (user.email, user.is_staff, user.is_superuser) == ("guest@example.org", False, False)


def test_a_change_counts_at_once(client, sign_up_form):
    services.change_sign_up(sign_up="open")
    assert "Make an account" in client.get("/accounts/signup/").content.decode()
    services.change_sign_up(sign_up="closed")

    client.post("/accounts/signup/", sign_up_form)

    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "ADA@example.org"}, "email"),
        ({"password1": "12345", "password2": "12345"}, "password1"),
        ({"password2": "another good passphrase"}, "password2"),
    ],
)
def test_it_refuses_and_says_which_field(client, sign_up_form, user, change: dict[str, str], field: str):
    services.change_sign_up(sign_up="open")

    response = client.post("/accounts/signup/", {**sign_up_form, **change})

    assert list(response.context["form"].errors) == [field]
    assert User.objects.get() == user


def test_nobody_makes_themselves_an_administrator(client, sign_up_form):
    services.change_sign_up(sign_up="open")

    client.post("/accounts/signup/", {**sign_up_form, "is_superuser": "on", "is_staff": "on"})

    assert not User.objects.get().is_superuser
    assert not User.objects.get().is_staff


def test_it_needs_the_csrf_token(sign_up_form):
    services.change_sign_up(sign_up="open")

    assert Client(enforce_csrf_checks=True).post("/accounts/signup/", sign_up_form).status_code == 403
    assert not User.objects.exists()


@pytest.mark.parametrize(("policy", "offered"), [("open", True), ("closed", False), ("invitation", False)])
def test_the_sign_in_page_offers_it_only_where_it_works(client, policy: str, offered: bool):
    services.change_sign_up(sign_up=policy)

    assert ("/accounts/signup/" in client.get("/accounts/login/").content.decode()) is offered
