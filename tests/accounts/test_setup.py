"""The set-up makes the first administrator."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts import services
from accounts.errors import AccountsError
from accounts.models import SiteSettings, User

pytestmark = pytest.mark.usefixtures("new_site")


def test_it_makes_an_administrator_who_can_sign_in(local_client, setup_form, password):
    local_client.post("/setup/", setup_form)

    user = User.objects.get()
    assert (user.email, user.is_superuser, user.is_staff) == ("root@example.org", True, True)
    assert user.check_password(password)
    assert EmailAddress.objects.get(user=user).verified


def test_it_signs_in_and_leads_to_the_upload(local_client, setup_form):
    response = local_client.post("/setup/", setup_form)

    assert response["Location"] == "/photos/new/"
    assert local_client.session["_auth_user_id"] == str(User.objects.get().pk)


def test_it_records_who_may_sign_up_and_the_uses_ruled_out(local_client, setup_form):
    local_client.post("/setup/", setup_form)

    site = SiteSettings.objects.current()
    assert (site.sign_up, site.purpose) == ("invitation", "private")
    assert site.uses_confirmed_at is not None


def test_the_page_names_the_banned_uses(local_client):
    page = local_client.get("/setup/").content.decode()

    assert "at work or in education" in page
    assert "5(1)(f)" in page


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": ""}, "email"),
        ({"password1": "short", "password2": "short"}, "password1"),
        ({"password1": "password1", "password2": "password1"}, "password1"),
        ({"password1": "root@example.org", "password2": "root@example.org"}, "password1"),
        ({"password2": "another good passphrase"}, "password2"),
        ({"sign_up": "everybody"}, "sign_up"),
        ({"sign_up": ""}, "sign_up"),
        ({"purpose": ""}, "purpose"),
        ({"uses_confirmed": ""}, "uses_confirmed"),
    ],
)
def test_it_refuses_and_says_which_field(local_client, setup_form, change: dict[str, str], field: str):
    response = local_client.post("/setup/", {**setup_form, **change})

    assert list(response.context["form"].errors) == [field]
    assert not User.objects.exists()


@pytest.mark.parametrize("purpose", ["work", "education"])
def test_people_at_work_and_in_education_are_not_what_it_is_for(local_client, setup_form, purpose: str):
    response = local_client.post("/setup/", {**setup_form, "purpose": purpose})

    assert "Art. 5(1)(f)" in str(response.context["form"].errors["purpose"])
    assert not User.objects.exists()


def test_it_keeps_what_was_typed_but_no_password(local_client, setup_form, password):
    page = local_client.post("/setup/", {**setup_form, "uses_confirmed": ""}).content.decode()

    assert 'value="root@example.org"' in page
    assert password not in page


def test_it_refuses_the_address_of_somebody_who_has_an_account(local_client, setup_form, user):
    response = local_client.post("/setup/", {**setup_form, "email": user.email.upper()})

    assert list(response.context["form"].errors) == ["email"]


def test_it_needs_the_csrf_token(setup_form):
    client = Client(enforce_csrf_checks=True, SERVER_NAME="localhost", REMOTE_ADDR="127.0.0.1")

    assert client.post("/setup/", setup_form).status_code == 403
    assert not User.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_it_is_over_once_it_is_done(local_client, setup_form, administrator, method: str):
    response = getattr(local_client, method)("/setup/", setup_form)

    assert (response.status_code, response["Location"]) == (302, "/")
    assert User.objects.get() == administrator


def test_the_service_refuses_a_second_administrator(administrator, password):
    with pytest.raises(AccountsError) as refusal:
        services.set_up_site(email="second@example.org", password=password, sign_up="closed", purpose="private")

    assert refusal.value.code == "already_set_up"
    assert User.objects.get() == administrator
