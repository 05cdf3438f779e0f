"""The site's settings are for administrators."""

import pytest
from django.test import Client

from accounts import services
from accounts.models import Invitation, SiteSettings, User


def test_an_administrator_chooses_who_may_sign_up(client, administrator):
    client.force_login(administrator)

    response = client.post("/site/", {"sign_up": "open"})

    assert response["Location"] == "/site/"
    assert SiteSettings.objects.current().sign_up == "open"


def test_the_page_shows_the_choice_in_force(client, administrator, by_invitation):
    client.force_login(administrator)

    assert client.get("/site/").context["policy_form"]["sign_up"].value() == "invitation"


@pytest.mark.parametrize("sign_up", ["everybody", ""])
def test_an_unknown_choice_is_refused(client, administrator, sign_up: str):
    client.force_login(administrator)

    response = client.post("/site/", {"sign_up": sign_up})

    assert response.context["policy_form"].errors
    assert SiteSettings.objects.current().sign_up == "closed"


def test_it_lists_people_and_invitations(client, administrator, user, invite):
    invite(email="friend@example.org")
    used = invite(email="ada@example.org").invitation
    services.use_invitation(invitation=used, user=user)
    client.force_login(administrator)

    page = client.get("/site/").content.decode()

    assert "friend@example.org" in page
    assert "by ada@example.org" in page
    assert f"/admin/accounts/user/{user.pk}/change/" in page


def test_more_people_cost_no_more_queries(client, administrator, invite, django_assert_max_num_queries):
    for number in range(20):
        user = User.objects.create_user(f"person{number}@example.org")
        services.use_invitation(invitation=invite().invitation, user=user)
    client.force_login(administrator)

    with django_assert_max_num_queries(8):
        client.get("/site/")


@pytest.mark.parametrize("path", ["/site/", "/site/invitations/", "/site/invitations/1/revoke/"])
def test_a_visitor_is_redirected_to_sign_in(db, client, path: str):
    assert client.post(path)["Location"] == f"/accounts/login/?next={path}"


@pytest.mark.parametrize("staff", [False, True])
@pytest.mark.parametrize("path", ["/site/", "/site/invitations/", "/site/invitations/1/revoke/"])
def test_anybody_else_is_refused(client, user, invite, path: str, staff: bool):
    invite()
    User.objects.filter(pk=user.pk).update(is_staff=staff)
    client.force_login(user)

    assert client.post(path, {"sign_up": "open", "days": "7"}).status_code == 403
    assert SiteSettings.objects.current().sign_up == "closed"
    assert Invitation.objects.count() == 1


def test_it_needs_the_csrf_token(administrator):
    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator)

    assert client.post("/site/", {"sign_up": "open"}).status_code == 403
