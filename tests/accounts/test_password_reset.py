"""A link sent by e-mail lets somebody choose a new password."""

import datetime as dt
import re

import pytest
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.test import Client

from accounts.models import ApiToken
from accounts.tokens.services import create_token
from tests.support.pages import page_text

NEW_PASSWORD = "a quite different passphrase"


def ask(client: Client, email: str):
    return client.post("/accounts/password/reset/", {"email": email}, follow=True)


def link_in(message) -> str:
    return re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", message.body)[1]


def test_the_link_leads_to_a_new_password(client, user, mailoutbox):
    ask(client, "ADA@example.org")
    form = client.get(link_in(mailoutbox[0]))["Location"]

    client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    user.refresh_from_db()
    assert mailoutbox[0].to == ["ada@example.org"]
    assert user.check_password(NEW_PASSWORD)


def test_the_link_works_once(client, user, mailoutbox):
    ask(client, user.email)
    link = link_in(mailoutbox[0])
    client.post(client.get(link)["Location"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert "This link no longer works" in Client().get(link).content.decode()


def test_a_link_with_a_changed_letter_is_refused(client, user, mailoutbox):
    ask(client, user.email)

    page = client.get(link_in(mailoutbox[0]).rstrip("/") + "x/").content.decode()

    assert "This link no longer works" in page


def test_the_link_works_for_an_hour(client, user, mailoutbox, monkeypatch):
    ask(client, user.email)
    later = dt.datetime.now() + dt.timedelta(minutes=61)
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda self: later)

    assert "This link no longer works" in client.get(link_in(mailoutbox[0])).content.decode()


@pytest.mark.parametrize("password", ["12345", "password", "FacialExpressions"])
def test_a_weak_password_is_refused(client, user, mailoutbox, password: str):
    ask(client, user.email)
    form = client.get(link_in(mailoutbox[0]))["Location"]

    response = client.post(form, {"password1": password, "password2": password})

    assert list(response.context["form"].errors) == ["password1"]


def test_it_does_not_tell_who_has_an_account(client, user, mailoutbox):
    known, unknown = ask(client, user.email), ask(client, "nobody@example.org")

    assert known.redirect_chain == unknown.redirect_chain
    assert page_text(known) == page_text(unknown)


def test_strangers_get_no_mail(db, client, mailoutbox):
    ask(client, "nobody@example.org")

    assert mailoutbox == []


def test_it_ends_the_sessions_elsewhere(client, user, mailoutbox):
    elsewhere = Client()
    elsewhere.force_login(user)
    ask(client, user.email)

    client.post(client.get(link_in(mailoutbox[0]))["Location"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert elsewhere.get("/account/").status_code == 302


def test_it_offers_to_revoke_the_tokens_with_the_box_ticked(client, user, mailoutbox):
    create_token(user=user, name="laptop", scope="read", expires_in=None)
    ask(client, user.email)
    address = client.get(link_in(mailoutbox[0]))["Location"]
    form = client.get(address).context["form"]
    assert form["revoke_tokens"].initial is True

    client.post(address, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "revoke_tokens": "on"})

    assert not ApiToken.objects.exists()
    assert mailoutbox[-1].to == ["ada@example.org"]
    assert "reset" in mailoutbox[-1].body


def test_a_mail_server_that_is_away_does_not_tell_who_has_an_account(client, user, settings, monkeypatch):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

    def refuse(*args, **kwargs):
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr("smtplib.SMTP", refuse)

    known, unknown = ask(client, user.email), ask(client, "nobody@example.org")

    assert (known.status_code, page_text(known)) == (unknown.status_code, page_text(unknown))
