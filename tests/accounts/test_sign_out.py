"""Signing out takes a form, so that no foreign page can do it."""

from django.test import Client


def test_it_ends_the_session_and_leads_to_the_landing(client, user):
    client.force_login(user)

    response = client.post("/accounts/logout/")

    assert response["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_opening_the_address_only_asks(client, user):
    client.force_login(user)

    assert "Sign out?" in client.get("/accounts/logout/").content.decode()
    assert "_auth_user_id" in client.session


def test_it_needs_the_csrf_token(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)

    assert client.post("/accounts/logout/").status_code == 403
    assert "_auth_user_id" in client.session


def test_it_never_leads_to_another_site(client, user):
    client.force_login(user)

    assert client.post("/accounts/logout/", {"next": "//evil.example"})["Location"] == "/"
