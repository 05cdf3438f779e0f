"""Accounts in Django's admin."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


def test_an_account_is_made_with_an_address(admin, password):
    form = {"email": "New@example.org", "usable_password": "true", "password1": password, "password2": password}

    admin.post("/admin/accounts/user/add/", form)

    assert User.objects.get(email="new@example.org").check_password(password)


def test_an_address_that_is_taken_in_another_case_is_refused(admin, user, password):
    form = {"email": "ADA@example.org", "usable_password": "true", "password1": password, "password2": password}

    response = admin.post("/admin/accounts/user/add/", form)

    assert "An account with this email address already exists" in response.content.decode()


@pytest.mark.parametrize("model", ["user", "invitation"])
def test_the_lists_open(admin, user, invite, model: str):
    invite(email="friend@example.org")

    assert admin.get(f"/admin/accounts/{model}/?q=").status_code == 200


def test_a_person_opens(admin, user):
    assert admin.get(f"/admin/accounts/user/{user.pk}/change/").status_code == 200


def test_changing_the_address_here_deletes_the_old_one(admin, client, user, password):
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    form = {"email": "new@example.org", "is_active": "on", "date_joined_0": "2026-01-01", "date_joined_1": "12:00:00"}

    admin.post(f"/admin/accounts/user/{user.pk}/change/", form)

    user.refresh_from_db()
    assert user.email == "new@example.org"
    assert Client().post("/accounts/login/", {"login": "ada@example.org", "password": password}).status_code == 200


def test_an_account_created_here_takes_its_address_from_users_who_only_added_it(admin, user, password):
    EmailAddress.objects.create(user=user, email="new@example.org")
    form = {"email": "new@example.org", "usable_password": "true", "password1": password, "password2": password}

    admin.post("/admin/accounts/user/add/", form)

    assert not EmailAddress.objects.filter(user=user, email="new@example.org").exists()


def test_an_invitation_is_looked_at_but_not_changed(admin, invite):
    invitation = invite().invitation

    assert admin.get(f"/admin/accounts/invitation/{invitation.pk}/change/").status_code == 200
    assert admin.post(f"/admin/accounts/invitation/{invitation.pk}/change/", {}).status_code == 403
    assert admin.get("/admin/accounts/invitation/add/").status_code == 403


def test_people_stay_out(client, user):
    client.force_login(user)

    assert client.get("/admin/").status_code in (302, 403)


def test_permissions_are_those_of_the_lists_and_say_what_they_allow(admin):
    choices = admin.get("/admin/auth/group/add/").context["adminform"].form.fields["permissions"].choices
    labels = [label for _, label in choices]

    assert "Analysis | photo | View" in labels
    assert not [label for label in labels if "api token" in label.lower() or "Can " in label]
