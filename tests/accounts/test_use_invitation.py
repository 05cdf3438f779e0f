"""An invitation lets one person sign up, once, until it expires."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.errors import AccountsError
from accounts.models import Invitation, User

pytestmark = pytest.mark.usefixtures("by_invitation")


def people_but_the_administrator() -> list[str]:
    return list(User.objects.filter(is_superuser=False).values_list("email", flat=True))


def test_the_link_leads_to_the_sign_up(client, invite):
    response = client.get(f"/invite/{invite().token}/", follow=True)

    assert "You have been invited" in response.content.decode()


def test_signing_up_uses_it_up(client, invite, sign_up_form):
    new = invite()
    client.get(f"/invite/{new.token}/")

    client.post("/accounts/signup/", sign_up_form)

    new.invitation.refresh_from_db()
    assert new.invitation.used_by.email == "guest@example.org"
    assert new.invitation.used_at is not None


def test_opening_the_link_does_not_use_it_up(client, invite):
    new = invite()

    client.get(f"/invite/{new.token}/")

    assert Invitation.objects.pending().with_token(new.token).exists()


def test_a_sign_up_that_fails_does_not_use_it_up(client, invite, sign_up_form):
    new = invite()
    client.get(f"/invite/{new.token}/")

    client.post("/accounts/signup/", {**sign_up_form, "password1": "short"})

    assert Invitation.objects.pending().with_token(new.token).exists()


def test_it_does_not_work_twice(client, invite, sign_up_form):
    token = invite().token
    client.get(f"/invite/{token}/")
    client.post("/accounts/signup/", sign_up_form)

    assert Client().get(f"/invite/{token}/").status_code == 404


def test_the_second_of_two_visitors_with_it_is_rejected(invite, sign_up_form):
    first, second = Client(), Client()
    token = invite().token
    first.get(f"/invite/{token}/")
    second.get(f"/invite/{token}/")

    first.post("/accounts/signup/", sign_up_form)
    response = second.post("/accounts/signup/", {**sign_up_form, "email": "late@example.org"})

    assert "Sign-up is closed" in response.content.decode()
    assert people_but_the_administrator() == ["guest@example.org"]


def test_whoever_loses_the_race_within_the_request_gets_no_account(client, invite, sign_up_form, monkeypatch):
    new = invite()
    client.get(f"/invite/{new.token}/")

    def taken_meanwhile(*, invitation: Invitation, user: User) -> None:
        Invitation.objects.filter(pk=invitation.pk).update(used_at=timezone.now())
        real(invitation=invitation, user=user)

    real = services.use_invitation
    monkeypatch.setattr("accounts.forms.services.use_invitation", taken_meanwhile)
    response = client.post("/accounts/signup/", sign_up_form)

    assert response["Location"] == "/accounts/signup/"
    assert people_but_the_administrator() == []
    assert "_auth_user_id" not in client.session


def test_it_expires(client, invite):
    new = invite()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert client.get(f"/invite/{new.token}/").status_code == 404


def test_it_expires_in_the_session(client, invite, sign_up_form):
    client.get(f"/invite/{invite().token}/")
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    client.post("/accounts/signup/", sign_up_form)

    assert people_but_the_administrator() == []


def test_it_stops_when_sign_up_is_closed(client, invite, sign_up_form):
    client.get(f"/invite/{invite().token}/")
    services.change_sign_up(sign_up="closed")

    client.post("/accounts/signup/", sign_up_form)

    assert people_but_the_administrator() == []


@pytest.mark.parametrize("token", ["wrong", "'; DROP TABLE", "%00", "x" * 5000])
def test_a_wrong_token_is_refused_with_a_sentence_that_helps(client, token: str):
    response = client.get(f"/invite/{token}/")

    assert response.status_code == 404
    assert "Ask the person who sent it for a new one" in response.content.decode()


def test_one_made_for_an_address_refuses_another(client, invite, sign_up_form):
    client.get(f"/invite/{invite(email='Friend@example.org').token}/")

    response = client.post("/accounts/signup/", sign_up_form)

    assert "friend@example.org" in response.context["form"].errors["email"][0]
    assert people_but_the_administrator() == []


def test_one_made_for_an_address_takes_it_in_any_case(client, invite, sign_up_form):
    client.get(f"/invite/{invite(email='friend@example.org').token}/")

    client.post("/accounts/signup/", {**sign_up_form, "email": "FRIEND@example.org"})

    assert people_but_the_administrator() == ["friend@example.org"]


def test_one_made_for_an_address_fills_it_in(client, invite):
    response = client.get(f"/invite/{invite(email='friend@example.org').token}/", follow=True)

    assert 'value="friend@example.org"' in response.content.decode()


def test_it_is_used_up_where_sign_up_is_open_too(client, invite, sign_up_form):
    services.change_sign_up(sign_up="open")
    new = invite()
    client.get(f"/invite/{new.token}/")

    client.post("/accounts/signup/", sign_up_form)

    assert not Invitation.objects.pending().exists()


def test_somebody_signed_in_keeps_their_account(client, invite, user):
    client.force_login(user)

    assert client.get(f"/invite/{invite().token}/")["Location"] == "/account/"


def test_it_stays_used_when_that_account_is_deleted(client, invite, sign_up_form):
    token = invite().token
    client.get(f"/invite/{token}/")
    client.post("/accounts/signup/", sign_up_form)

    User.objects.filter(email="guest@example.org").delete()

    assert not Invitation.objects.pending().with_token(token).exists()


def test_the_service_refuses_one_that_is_spent(invite, user):
    invitation = invite().invitation
    services.use_invitation(invitation=invitation, user=user)

    with pytest.raises(AccountsError) as refusal:
        services.use_invitation(invitation=invitation, user=user)

    assert refusal.value.code == "invitation_spent"
