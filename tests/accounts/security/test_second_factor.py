"""A second step of signing in: codes of an app, recovery codes, and an administrator's rule that there be one."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts import second_factor, services
from accounts.errors import AccountsError
from accounts.security.models import SecurityEvent
from accounts.tokens.services import create_token

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def code_now(secret: str = SECRET, *, ago: int = 0) -> str:
    """Return the code of this half minute, or of an earlier one."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 - ago))


def sign_in(client: Client, user, password: str) -> str:
    return client.post("/accounts/login/", {"login": user.email, "password": password})["Location"]


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


@pytest.fixture
def app_codes(user) -> TOTP:
    return TOTP.activate(user, SECRET)


class TestSignIn:
    def test_the_password_alone_lets_nobody_in(self, client, user, password, app_codes, mailoutbox):
        assert sign_in(client, user, password) == "/accounts/2fa/authenticate/"

        assert not is_in(client)
        assert "known_browser" not in client.cookies
        assert mailoutbox == []

    def test_the_apps_code_lets_in_once(self, client, user, password, app_codes):
        code = code_now()
        for browser, is_let_in in ((client, True), (Client(), False)):
            sign_in(browser, user, password)
            browser.post("/accounts/2fa/authenticate/", {"code": code})
            assert is_in(browser) is is_let_in

    def test_a_code_is_over_after_its_half_minute(self, client, user, password, app_codes):
        sign_in(client, user, password)
        client.post("/accounts/2fa/authenticate/", {"code": code_now(ago=1)})

        assert not is_in(client)

    def test_a_recovery_code_lets_in_once(self, client, user, password, app_codes):
        code = RecoveryCodes.activate(user).get_unused_codes()[0]
        for browser, is_let_in in ((client, True), (Client(), False)):
            sign_in(browser, user, password)
            browser.post("/accounts/2fa/authenticate/", {"code": code})
            assert is_in(browser) is is_let_in

    def test_a_link_to_reset_the_password_lets_nobody_in(self, client, user, app_codes, mailoutbox):
        client.post("/accounts/password/reset/", {"email": user.email})
        link = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", mailoutbox[0].body)[1]
        new = "a quite different passphrase"
        client.post(client.get(link)["Location"], {"password1": new, "password2": new})

        assert not is_in(client)
        assert sign_in(client, user, new) == "/accounts/2fa/authenticate/"

    def test_wrong_codes_are_limited_and_recorded(self, client, user, password, app_codes):
        sign_in(client, user, password)
        for _ in range(5):
            client.post("/accounts/2fa/authenticate/", {"code": "000000"})

        page = client.post("/accounts/2fa/authenticate/", {"code": code_now()})

        assert "Too many failed" in page.content.decode()
        assert SecurityEvent.objects.of(user).filter(kind="second_factor_failed").count() == 5


class TestSetUp:
    def test_it_asks_for_the_password_and_gives_recovery_codes(
        self, client, user, confirm_password, mailoutbox, monkeypatch
    ):
        # allauth sends its e-mail once the change is committed, which a test's is not.
        monkeypatch.setattr("django.db.transaction.on_commit", lambda send: send())
        client.force_login(user)
        assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
        confirm_password(client)
        page = client.get("/accounts/2fa/totp/activate/")

        secret = page.context["form"].secret
        shown = client.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)}, follow=True)

        assert set(Authenticator.objects.values_list("type", flat=True)) == {"totp", "recovery_codes"}
        assert len(shown.context["unused_codes"]) == 10
        assert mailoutbox[0].to == [user.email]
        assert SecurityEvent.objects.of(user).filter(kind="factor_added").count() == 2

    def test_turning_it_off_asks_for_the_password_and_is_told(
        self, client, user, app_codes, confirm_password, mailoutbox
    ):
        client.force_login(user)
        client.post("/accounts/2fa/totp/deactivate/")
        assert Authenticator.objects.exists()
        confirm_password(client)

        client.post("/accounts/2fa/totp/deactivate/")

        assert not Authenticator.objects.exists()
        assert mailoutbox[-1].to == [user.email]
        assert SecurityEvent.objects.of(user).filter(kind="factor_removed").exists()


class TestRequired:
    @pytest.mark.parametrize(
        ("rule", "for_user", "for_staff"),
        [("optional", False, False), ("staff", False, True), ("everybody", True, True)],
    )
    def test_it_is_for_those_whom_the_rule_names(self, user, administrator, rule: str, for_user: bool, for_staff: bool):
        services.change_second_factor(second_factor=rule)

        assert (second_factor.is_missing(user), second_factor.is_missing(administrator)) == (for_user, for_staff)

    @pytest.mark.parametrize("address", ["/photos/new/", "/account/", "/accounts/email/", "/admin/", "/history/"])
    def test_without_one_pages_lead_to_its_set_up(self, client, administrator, address: str):
        services.change_second_factor(second_factor="everybody")
        client.force_login(administrator)

        page = client.get(address, follow=True)

        assert page.redirect_chain[-1][0] == "/accounts/2fa/"
        assert "An administrator requires" in page.content.decode()

    def test_without_one_the_api_is_closed_to_the_session_and_open_to_tokens(self, client, user):
        secret = create_token(user=user, name="script", scope="read", expires_in=None).secret
        services.change_second_factor(second_factor="everybody")
        client.force_login(user)

        refused = client.get("/api/v1/me/")

        assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_needed")
        assert Client().get("/api/v1/me/", headers={"authorization": f"Token {secret}"}).status_code == 200

    def test_with_one_the_site_is_open(self, client, user, app_codes):
        services.change_second_factor(second_factor="everybody")
        client.force_login(user)

        assert is_in(client)

    def test_recovery_codes_alone_are_none(self, user):
        services.change_second_factor(second_factor="everybody")
        RecoveryCodes.activate(user)

        assert second_factor.is_missing(user)

    def test_an_administrator_sets_the_rule(self, client, administrator):
        client.force_login(administrator)

        client.post("/site/second-factor/", {"second_factor": "staff"})

        assert second_factor.is_missing(administrator)
        assert client.get("/site/", follow=True).redirect_chain[-1][0] == "/accounts/2fa/"

    def test_an_unknown_rule_is_refused(self, db, client, administrator):
        client.force_login(administrator)
        assert client.post("/site/second-factor/", {"second_factor": "all"}).context["second_factor_form"].errors
        with pytest.raises(AccountsError, match="second_factor: expected one of optional, staff, everybody; got “all”"):
            services.change_second_factor(second_factor="all")


def test_an_administrator_removes_a_lost_one_and_sees_no_secret(client, administrator, user, app_codes):
    client.force_login(administrator)
    address = f"/admin/mfa/authenticator/{app_codes.instance.pk}/"
    assert SECRET not in client.get(f"{address}change/").content.decode()

    client.post(f"{address}delete/", {"post": "yes"})

    assert not Authenticator.objects.exists()
    assert SecurityEvent.objects.of(user).get(kind="factor_removed").detail.endswith(", by an administrator")


class TestSessions:
    @pytest.fixture
    def browsers(self, user, password) -> tuple[Client, Client, Client]:
        """Three that the user signed in with."""
        found = Client(HTTP_USER_AGENT="Attic"), Client(HTTP_USER_AGENT="Cellar"), Client(HTTP_USER_AGENT="Shed")
        for browser in found:
            sign_in(browser, user, password)
        return found

    def test_they_are_listed_for_their_owner_only(self, browsers, other_user, password):
        page = browsers[0].get("/accounts/sessions/").content.decode()
        other = Client()
        sign_in(other, other_user, password)

        assert all(name in page for name in ("Attic", "Cellar", "Shed"))
        assert "Attic" not in other.get("/accounts/sessions/").content.decode()

    @pytest.mark.parametrize("address", ["/accounts/sessions/", "/account/sessions/{other}/end/"])
    def test_ending_any_asks_for_the_password(self, browsers, address):
        address = address.format(other=UserSession.objects.get(user_agent="Cellar").pk)

        response = browsers[0].post(address)

        assert response["Location"].startswith("/accounts/reauthenticate/")
        assert all(map(is_in, browsers))

    def test_one_is_ended(self, browsers, user, confirm_password):
        session = UserSession.objects.get(user_agent="Cellar")
        confirm_password(browsers[0])

        browsers[0].post(f"/account/sessions/{session.pk}/end/")

        assert [is_in(browser) for browser in browsers] == [True, False, True]
        assert SecurityEvent.objects.of(user).get(kind="session_ended").detail == "Cellar"

    def test_all_others_are_ended(self, browsers, user, confirm_password):
        confirm_password(browsers[0])

        browsers[0].post("/accounts/sessions/")

        assert [is_in(browser) for browser in browsers] == [True, False, False]
        assert SecurityEvent.objects.of(user).filter(kind="session_ended").count() == 2
