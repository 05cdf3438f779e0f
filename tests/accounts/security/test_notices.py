"""People are told by e-mail what happens to their account."""

import datetime as dt

import pytest
from django.test import Client

from accounts.models import User

EVENING = dt.datetime(2026, 12, 24, 20, 15, tzinfo=dt.UTC)


def sign_in(client: Client, email: str, password: str) -> None:
    client.post("/accounts/login/", {"login": email, "password": password}, HTTP_USER_AGENT="Firefox of the attic")
    client.post("/accounts/logout/")


def test_a_sign_in_with_a_new_browser_is_told_once(client, user, password, mailoutbox):
    sign_in(client, user.email, password)
    sign_in(client, user.email, password)

    (message,) = mailoutbox
    assert message.to == [user.email]
    assert "a browser that has not been used for it before" in message.body
    assert "127.0.0.1" in message.body
    assert "Browser: Firefox" in message.body


def test_an_email_has_the_language_and_the_time_zone_of_its_reader(client, user, password, mailoutbox, monkeypatch):
    User.objects.filter(pk=user.pk).update(language="de", time_zone="Asia/Tokyo")

    monkeypatch.setattr("allauth.account.adapter.timezone.now", lambda: EVENING)
    sign_in(client, user.email, password)

    assert "25. Dezember 2026 05:15" in mailoutbox[0].body


def test_a_browser_is_known_for_the_accounts_that_used_it_only(client, user, other_user, password, mailoutbox):
    sign_in(client, user.email, password)
    sign_in(client, other_user.email, password)
    sign_in(client, user.email, password)

    assert [message.to for message in mailoutbox] == [[user.email], [other_user.email]]


def test_the_cookie_is_out_of_reach_of_scripts_and_lets_nobody_in(client, user, password):
    sign_in(client, user.email, password)

    cookie = client.cookies["known_browser"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert client.get("/account/").status_code == 302


def test_a_new_token_is_told(client, user, confirm_password, mailoutbox):
    client.force_login(user)
    confirm_password(client)

    client.post("/account/tokens/new/", {"name": "Backup script", "scope": "write", "expires_in": "90"})

    assert mailoutbox[-1].to == [user.email]
    assert "Backup script" in mailoutbox[-1].body


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80"])
def test_no_message_names_the_host_of_the_request(user, password, mailoutbox, settings, host: str):
    settings.ALLOWED_HOSTS = ["*"]

    Client().post("/accounts/login/", {"login": user.email, "password": password}, headers={"host": host})

    assert "evil" not in mailoutbox[0].subject + mailoutbox[0].body
