"""Only whoever sits at the machine, or has the token printed at start, may set the site up."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.signup import first_run

pytestmark = pytest.mark.usefixtures("new_site")


@pytest.mark.parametrize(
    ("address", "name"),
    [("127.0.0.1", "localhost"), ("127.8.9.1", "127.0.0.1"), ("::1", "[::1]"), ("::ffff:127.0.0.1", "localhost")],
)
def test_this_machine_needs_no_token(address: str, name: str):
    client = Client(SERVER_NAME="localhost", REMOTE_ADDR=address)

    assert client.get("/setup/", headers={"host": f"{name}:8000"}).status_code == 200


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1", "2001:db8::1", "", "unix:"])
def test_another_machine_gets_instructions_for_the_token(address: str, setup_form):
    client = Client(SERVER_NAME="localhost", REMOTE_ADDR=address)

    response = client.post("/setup/", setup_form)

    assert response.status_code == 403
    assert "manage.py setup_url" in response.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Host", "X-Forwarded-Proto"]
)
def test_a_proxy_on_this_machine_does_not_lend_its_address(local_client, header: str):
    assert local_client.get("/setup/", headers={header: "127.0.0.1"}).status_code == 403


def test_behind_https_no_request_is_local(local_client, settings):
    settings.BEHIND_HTTPS = True

    assert local_client.get("/setup/").status_code == 403


def test_a_browser_here_that_was_sent_by_a_foreign_name_needs_the_token(local_client, settings):
    settings.ALLOWED_HOSTS = ["*"]

    assert local_client.get("/setup/", headers={"host": "rebound.example"}).status_code == 403


def test_the_token_lets_another_machine_set_up(remote_client, setup_form):
    address = f"/setup/?token={first_run.setup_token()}"

    assert remote_client.get(address).status_code == 200
    remote_client.post(address, setup_form)

    assert User.objects.get().is_superuser


def test_the_token_works_once(remote_client, setup_form):
    for email in ("first@example.org", "second@example.org"):
        remote_client.post(f"/setup/?token={first_run.setup_token()}", {**setup_form, "email": email})

    assert [user.email for user in User.objects.all()] == ["first@example.org"]


@pytest.mark.parametrize("token", ["wrong", "", "ü"])
def test_a_wrong_token_is_refused(remote_client, setup_form, token: str):
    response = remote_client.post("/setup/", setup_form, query_params={"token": token})

    assert response.status_code == 403
    assert not User.objects.exists()
