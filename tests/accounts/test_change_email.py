"""People add an address, then sign in with it."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client


def act(client: Client, action: str, email: str):
    return client.post("/accounts/email/", {"email": email, f"action_{action}": ""}, follow=True)


@pytest.fixture(params=["made in the shell", "signed up"])
def client(request, client: Client, user, confirm_password) -> Client:
    """Signed in, the password typed again a moment ago, with the address known to allauth or not."""
    if request.param == "signed up":
        EmailAddress.objects.create(user=user, email=user.email, primary=True)
    client.force_login(user)
    confirm_password(client)
    return client


def confirm(client: Client, message) -> None:
    client.post(re.search(r"http://[^/]+(/accounts/confirm-email/\S+)", message.body)[1])


def test_a_new_address_is_sent_a_link_and_changes_nothing_yet(client, user, mailoutbox):
    page = act(client, "add", "New@example.org").content.decode()

    user.refresh_from_db()
    assert user.email == "ada@example.org"
    assert "new@example.org" in page
    assert mailoutbox[-1].to == ["new@example.org"]


def test_the_link_confirms_the_address(client, mailoutbox):
    act(client, "add", "new@example.org")
    link = re.search(r"http://[^/]+(/accounts/confirm-email/\S+)", mailoutbox[-1].body)[1]

    assert "Is <strong>new@example.org</strong> your address?" in client.get(link).content.decode()
    client.post(link)

    assert EmailAddress.objects.get(email="new@example.org").verified


def test_a_confirmed_address_becomes_the_one_to_sign_in_with_and_the_old_one_is_told(
    client, user, password, mailoutbox
):
    act(client, "add", "new@example.org")
    confirm(client, mailoutbox[-1])
    user.refresh_from_db()
    assert user.email == "ada@example.org"

    act(client, "primary", "new@example.org")

    user.refresh_from_db()
    assert user.email == "new@example.org"
    assert mailoutbox[-1].to == ["ada@example.org"]
    assert "new@example.org" in mailoutbox[-1].body
    client.logout()
    assert client.post("/accounts/login/", {"login": "new@example.org", "password": password}).status_code == 302


@pytest.mark.parametrize("verified", [True, False])
def test_an_address_that_is_not_confirmed_does_not_become_it(client, user, verified: bool):
    client.get("/accounts/email/")
    EmailAddress.objects.update(verified=verified)
    act(client, "add", "new@example.org")

    act(client, "primary", "new@example.org")

    user.refresh_from_db()
    assert user.email == "ada@example.org"


def test_an_added_address_can_be_removed(client, user):
    act(client, "add", "new@example.org")

    act(client, "remove", "new@example.org")

    user.refresh_from_db()
    assert user.email == "ada@example.org"
    assert not EmailAddress.objects.filter(email="new@example.org").exists()


def test_the_address_to_sign_in_with_cannot_be_removed(client, user):
    act(client, "add", "new@example.org")

    act(client, "remove", "ada@example.org")

    user.refresh_from_db()
    assert user.email == "ada@example.org"
    assert EmailAddress.objects.filter(email="ada@example.org").exists()


@pytest.mark.parametrize("email", ["no address", "", "ben@example.org", "ada@example.org"])
def test_a_bad_or_taken_address_is_refused(client, other_user, email: str):
    assert act(client, "add", email).context["form"].errors


@pytest.mark.parametrize("action", ["primary", "remove", "send"])
def test_somebody_elses_address_is_out_of_reach(client, user, other_user, action: str, mailoutbox):
    EmailAddress.objects.create(user=other_user, email=other_user.email, primary=True)

    act(client, action, other_user.email)

    user.refresh_from_db()
    assert user.email == "ada@example.org"
    assert EmailAddress.objects.get(email=other_user.email).user == other_user
    assert mailoutbox == []


def test_a_wrong_link_is_refused(client):
    assert "This link no longer works" in client.get("/accounts/confirm-email/wrong/").content.decode()


@pytest.mark.parametrize("action", ["add", "primary", "remove"])
def test_a_change_asks_for_the_password_again(user, action: str):
    EmailAddress.objects.create(user=user, email="second@example.org", verified=True)
    hijacked = Client()
    hijacked.force_login(user)

    page = act(hijacked, action, "new@example.org" if action == "add" else "second@example.org")

    user.refresh_from_db()
    assert page.redirect_chain[-1][0].startswith("/accounts/reauthenticate/")
    assert user.email == "ada@example.org"
    addresses = set(EmailAddress.objects.values_list("email", flat=True))
    assert addresses == {"ada@example.org", "second@example.org"}


def test_confirming_a_further_address_asks_for_a_sign_in_and_the_password(user, other_user, mailoutbox, client):
    act(client, "add", "new@example.org")
    link = re.search(r"http://[^/]+(/accounts/confirm-email/\S+)", mailoutbox[-1].body)[1]
    stranger, other, hijacked = Client(), Client(), Client()
    other.force_login(other_user)
    hijacked.force_login(user)

    for browser, leads_to in ((stranger, "login"), (other, "login"), (hijacked, "reauthenticate")):
        assert browser.post(link)["Location"].startswith(f"/accounts/{leads_to}/")

    assert not EmailAddress.objects.get(email="new@example.org").verified
