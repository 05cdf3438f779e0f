"""Links in e-mails begin with one configured address; a site that has none and is reached by others sends none."""

import re

import pytest
from django.test import Client

from accounts.security.checks import check_email_links

CONSOLE = "django.core.mail.backends.console.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture
def public_site(settings):
    """A site that others reach by any name."""
    settings.ALLOWED_HOSTS, settings.IS_LOCAL_SITE = ["*"], False
    settings.SITE_URL = "https://expressions.example.org"
    return settings


def ask_for_reset(email: str) -> str:
    response = Client().post(
        "/accounts/password/reset/", {"email": email}, follow=True, headers={"host": "evil.example"}
    )
    return response.content.decode()


def test_they_begin_with_the_sites_address_whatever_host_was_asked_for(public_site, user, mailoutbox):
    ask_for_reset(user.email)

    assert re.search(r"\n(https://expressions\.example\.org/accounts/password/reset/key/\S+)\n", mailoutbox[0].body)
    assert "evil" not in mailoutbox[0].subject + mailoutbox[0].body


def test_a_confirmation_does_too(public_site, client, user, confirm_password, mailoutbox):
    client.force_login(user)
    confirm_password(client)
    client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""}, headers={"host": "evil.example"})

    assert "https://expressions.example.org/accounts/confirm-email/" in mailoutbox[-1].body
    assert "evil" not in mailoutbox[-1].subject + mailoutbox[-1].body


@pytest.mark.parametrize(
    ("missing", "change"), [("SITE_URL", {"SITE_URL": ""}), ("EMAIL_BACKEND", {"EMAIL_BACKEND": CONSOLE})]
)
def test_without_an_address_or_with_e_mail_that_is_printed_none_is_sent(
    public_site, user, mailoutbox, caplog, missing: str, change: dict[str, str], monkeypatch
):
    # The tests' own backend takes the place of the one that is set.
    for name, value in change.items():
        setattr(public_site, name, value)
    printed = []
    monkeypatch.setattr("django.core.mail.backends.console.EmailBackend.send_messages", printed.extend)

    ask_for_reset(user.email)

    assert mailoutbox == printed == []
    assert f"{missing} is not set" in caplog.text
    assert "cannot send emails" in Client().get("/accounts/password/reset/").content.decode()
    (warning,) = check_email_links(None)
    assert missing in warning.msg


def test_a_site_of_this_machine_needs_no_settings(settings, user, mailoutbox):
    settings.SITE_URL, settings.IS_LOCAL_SITE = "", True

    Client().post("/accounts/password/reset/", {"email": user.email})

    assert "http://testserver/accounts/password/reset/key/" in mailoutbox[0].body
    assert check_email_links(None) == []
