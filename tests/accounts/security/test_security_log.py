"""The security log, for the user and for administrators."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from accounts.privacy.retention import purge_daily
from accounts.security.models import SecurityEvent

NEW_PASSWORD = "a quite different passphrase"


def kinds(user) -> list[str]:
    return [event.kind for event in SecurityEvent.objects.of(user).order_by("pk")]


def sign_in(client: Client, email: str, password: str) -> None:
    client.post(
        "/accounts/login/", {"login": email, "password": password}, REMOTE_ADDR="192.0.2.9", HTTP_USER_AGENT="Attic"
    )


def test_sign_ins_failures_and_sign_outs_are_in_it(client, user, password):
    sign_in(client, user.email, "wrong")
    sign_in(client, user.email, password)
    client.post("/accounts/logout/")
    sign_in(client, user.email, password)

    assert kinds(user) == ["sign_in_failed", "signed_in_new_browser", "signed_out", "signed_in"]
    event = SecurityEvent.objects.order_by("pk").first()
    assert (event.ip, event.user_agent) == ("192.0.2.9", "Attic")


def test_what_is_typed_for_an_unknown_account_is_not_stored(client, db):
    sign_in(client, "secret-typed-here@example.org", "wrong")

    (event,) = SecurityEvent.objects.all()
    assert (event.user, event.detail) == (None, "")


def test_changes_are_in_it(client, user, password, confirm_password):
    EmailAddress.objects.create(user=user, email="second@example.org", verified=True)
    client.force_login(user)
    confirm_password(client)

    client.post("/accounts/email/", {"email": "second@example.org", "action_primary": ""})
    client.post("/accounts/email/", {"email": "ada@example.org", "action_remove": ""})
    client.post("/account/tokens/new/", {"name": "script", "scope": "read", "expires_in": "30"})
    client.post(f"/account/tokens/{user.auth_token_set.get().public_id}/revoke/")
    client.post(
        "/accounts/password/change/",
        {"oldpassword": password, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )

    assert kinds(user) == ["email_changed", "email_removed", "token_created", "token_revoked", "password_changed"]
    assert SecurityEvent.objects.get(kind="email_changed").detail == "second@example.org"


def test_a_change_by_an_administrator_is_in_it(client, user, administrator):
    client.force_login(administrator)

    client.post(
        f"/admin/accounts/user/{user.pk}/password/",
        {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )

    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)
    # Who it was is in the admin's own log; an address here would outlive the administrator's account.
    event = SecurityEvent.objects.of(user).get()
    assert (event.kind, event.detail) == ("changed_by_administrator", "")


def test_the_page_shows_ones_own_events_only(client, user, other_user):
    for owner, detail in ((user, "mine"), (other_user, "theirs")):
        SecurityEvent.objects.create(user=owner, kind="token_created", detail=detail)
    client.force_login(user)

    page = client.get("/account/security/").content.decode()

    assert "API token created" in page
    assert "mine" in page
    assert "theirs" not in page


@pytest.mark.parametrize(("address", "status"), [("", 200), ("add/", 403), ("1/delete/", 403)])
def test_administrators_see_it_and_nobody_changes_it(client, administrator, user, address: str, status: int):
    SecurityEvent.objects.create(pk=1, user=user, kind="sign_in_failed")
    client.force_login(administrator)

    response = client.get(f"/admin/accounts/securityevent/{address}")

    assert response.status_code == status
    assert address or user.email in response.content.decode()


def test_events_are_deleted_after_a_year(user):
    for days in (364, 366):
        SecurityEvent.objects.create(user=user, kind="signed_in", at=timezone.now() - dt.timedelta(days=days))

    purge_daily()

    assert SecurityEvent.objects.get().at > timezone.now() - dt.timedelta(days=365)
