"""Who may sign up is what the administrators chose."""

import pytest
from django.test import Client

from accounts import services
from accounts.models import User
from tests.support.pages import page_text

pytestmark = pytest.mark.django_db


def test_closed_it_says_so(client, sign_up_form):
    response = client.post("/accounts/signup/", sign_up_form)

    assert "Sign-up is closed" in response.content.decode()
    assert not User.objects.exists()


def test_by_invitation_sign_up_needs_one(client, sign_up_form, by_invitation):
    response = client.post("/accounts/signup/", sign_up_form)

    assert "Sign-up is closed" in response.content.decode()
    assert not User.objects.exists()


def test_open_anybody_comes_in_and_lands_on_the_upload(client, sign_up_form):
    services.change_sign_up(sign_up="open")

    response = client.post("/accounts/signup/", sign_up_form)

    user = User.objects.get()
    assert response["Location"] == "/photos/new/"
    assert client.session["_auth_user_id"] == str(user.pk)
    assert (user.email, user.is_staff, user.is_superuser) == ("guest@example.org", False, False)


def test_a_change_counts_at_once(client, sign_up_form):
    services.change_sign_up(sign_up="open")
    assert "Create an account" in client.get("/accounts/signup/").content.decode()
    services.change_sign_up(sign_up="closed")

    client.post("/accounts/signup/", sign_up_form)

    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "ADA@example.org"}, "email"),
        ({"password1": "12345", "password2": "12345"}, "password1"),
        ({"password2": "another good passphrase"}, "password2"),
    ],
)
def test_it_refuses_and_says_which_field(client, sign_up_form, user, change: dict[str, str], field: str):
    services.change_sign_up(sign_up="open")

    response = client.post("/accounts/signup/", {**sign_up_form, **change})

    assert list(response.context["form"].errors) == [field]
    assert User.objects.get() == user


def test_nobody_makes_themselves_an_administrator(client, sign_up_form):
    services.change_sign_up(sign_up="open")

    client.post("/accounts/signup/", {**sign_up_form, "is_superuser": "on", "is_staff": "on"})

    assert not User.objects.get().is_superuser
    assert not User.objects.get().is_staff


def test_it_needs_the_csrf_token(sign_up_form):
    services.change_sign_up(sign_up="open")

    assert Client(enforce_csrf_checks=True).post("/accounts/signup/", sign_up_form).status_code == 403
    assert not User.objects.exists()


@pytest.mark.parametrize(("policy", "offered"), [("open", True), ("closed", False), ("invitation", False)])
def test_the_sign_in_page_offers_it_only_where_it_works(client, policy: str, offered: bool):
    services.change_sign_up(sign_up=policy)

    assert ("/accounts/signup/" in client.get("/accounts/login/").content.decode()) is offered


class TestWithConfirmedAddresses:
    """Where a link confirms the address, sign-up tells nobody whether it has an account."""

    @pytest.fixture(autouse=True)
    def _confirmed(self, settings):
        settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"

    @staticmethod
    def _seen(client: Client, form: dict[str, str], email: str) -> list[object]:
        """Return all that a visitor sees after a sign-up."""
        page = client.post("/accounts/signup/", {**form, "email": email}, follow=True)
        again = client.get("/accounts/signup/")
        text = page_text(page).replace(email, "THE ADDRESS")
        return [page.redirect_chain, text, again.status_code, "Create an account" in again.content.decode()]

    def test_a_known_address_looks_like_a_new_one(self, sign_up_form, user, mailoutbox):
        services.change_sign_up(sign_up="open")

        known = self._seen(Client(), sign_up_form, user.email)
        new = self._seen(Client(), sign_up_form, "guest@example.org")

        assert known == new
        assert [message.to for message in mailoutbox] == [["ada@example.org"], ["guest@example.org"]]
        assert "already has an account" in mailoutbox[0].body

    def test_with_an_invitation_too(self, sign_up_form, user, by_invitation, invite):
        seen = []
        for email in (user.email, "guest@example.org"):
            browser, link = Client(), f"/invite/{invite().token}/"
            browser.get(link)
            seen.append([*self._seen(browser, sign_up_form, email), Client().get(link).status_code])

        assert seen[0] == seen[1]

    def test_both_take_the_work_of_hashing_a_password(self, sign_up_form, user, monkeypatch):
        services.change_sign_up(sign_up="open")
        hashed = []
        monkeypatch.setattr("accounts.forms.make_password", hashed.append)

        Client().post("/accounts/signup/", {**sign_up_form, "email": user.email})

        assert hashed == [sign_up_form["password1"]]
