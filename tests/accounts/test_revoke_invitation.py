"""An invitation that nobody has used can be taken back."""

import pytest
from django.test import Client

from accounts import services
from accounts.errors import AccountsError
from accounts.models import Invitation, User


def test_its_link_stops_working(client, administrator, by_invitation, invite):
    new = invite()
    client.force_login(administrator)

    client.post(f"/site/invitations/{new.invitation.pk}/revoke/")

    assert Client().get(f"/invite/{new.token}/").status_code == 404


def test_it_stops_for_a_visitor_with_it_in_the_session(client, by_invitation, invite, sign_up_form):
    new = invite()
    client.get(f"/invite/{new.token}/")
    services.revoke_invitation(invitation=new.invitation)

    client.post("/accounts/signup/", sign_up_form)

    assert not User.objects.filter(email=sign_up_form["email"]).exists()


def test_one_that_was_used_stays(client, administrator, invite, user):
    invitation = invite().invitation
    services.use_invitation(invitation=invitation, user=user)
    client.force_login(administrator)

    response = client.post(f"/site/invitations/{invitation.pk}/revoke/", follow=True)

    assert "has already been used" in response.content.decode()
    assert Invitation.objects.get().used_by == user


def test_the_service_refuses_one_that_was_used(invite, user):
    invitation = invite().invitation
    services.use_invitation(invitation=invitation, user=user)

    with pytest.raises(AccountsError) as refusal:
        services.revoke_invitation(invitation=invitation)

    assert refusal.value.code == "invitation_spent"


def test_one_that_does_not_exist_is_not_found(client, administrator):
    client.force_login(administrator)

    assert client.post("/site/invitations/4711/revoke/").status_code == 404


def test_a_get_request_does_not_sign_out(client, administrator, invite):
    client.force_login(administrator)

    assert client.get(f"/site/invitations/{invite().invitation.pk}/revoke/").status_code == 405
    assert Invitation.objects.exists()
