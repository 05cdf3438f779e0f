"""Administrators make invitations; a link is shown once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Invitation


def test_the_page_shows_a_link_that_works(client, administrator, by_invitation):
    client.force_login(administrator)

    response = client.post("/site/invitations/", {"email": "", "days": "7"})

    link = response.context["link"]
    assert link in response.content.decode()
    assert Client().get(link)["Location"] == "/accounts/signup/"


def test_the_page_is_not_kept_by_the_browser(client, administrator):
    client.force_login(administrator)

    assert "no-store" in client.post("/site/invitations/", {"days": "7"})["Cache-Control"]


def test_only_the_hash_of_its_token_is_kept(invite):
    new = invite()

    assert new.token not in str(Invitation.objects.values().get())


def test_tokens_differ_and_cannot_be_guessed(invite):
    tokens = {invite().token for _ in range(20)}

    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 43


@pytest.mark.parametrize("days", [1, 7, 30])
def test_it_works_as_long_as_chosen(client, administrator, days: int):
    client.force_login(administrator)

    client.post("/site/invitations/", {"days": str(days)})

    remaining = Invitation.objects.get().expires_at - timezone.now()
    assert timedelta(0) < timedelta(days=days) - remaining < timedelta(minutes=1)


@pytest.mark.parametrize("form", [{"email": "no address", "days": "7"}, {"days": "9999"}, {"days": "x"}, {}])
def test_bad_input_is_refused_on_the_page_it_was_typed_on(client, administrator, form: dict[str, str]):
    client.force_login(administrator)

    response = client.post("/site/invitations/", form)

    assert response.context["invitation_form"].errors
    assert "Site settings" in response.content.decode()
    assert not Invitation.objects.exists()


def test_an_address_is_shown_as_text(client, administrator):
    client.force_login(administrator)

    page = client.post("/site/invitations/", {"email": '"<b>x"@example.org', "days": "7"}).content.decode()

    assert "<b>x" not in page


def test_it_needs_the_csrf_token(administrator):
    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator)

    assert client.post("/site/invitations/", {"days": "7"}).status_code == 403
    assert not Invitation.objects.exists()


def test_reading_the_address_makes_none(client, administrator):
    client.force_login(administrator)

    assert client.get("/site/invitations/").status_code == 405
