import pytest

from analysis.sharing import public_views
from tests.analysis.sharing.conftest import address

PASSWORD = "correct horse battery"


@pytest.fixture
def locked(share, photo):
    return share(photo, password=PASSWORD, title="Holidays")


def _try(client, new, password):
    return client.post(address(new), {"password": password})


def test_nothing_is_shown_before_the_password(client, locked, photo):
    page = client.get(address(locked))
    assert page.status_code == 200
    assert b"face-card" not in page.content
    assert b"Holidays" not in page.content
    for name in ("shared-photo", "shared-image"):
        assert client.get(address(locked, name, photo.pk)).status_code == 403


def test_the_form_can_be_sent(client, locked):
    """Under no-referrer browsers send forms with "Origin: null", which is refused."""
    assert client.get(address(locked))["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db(transaction=True)
def test_the_right_password_opens_it_for_this_browser_only(client, locked, photo, share):
    assert _try(client, locked, PASSWORD)["Location"] == address(locked)
    assert b"Holidays" in client.get(address(locked)).content
    picture = client.get(address(locked, "shared-image", photo.pk))
    picture.close()
    assert picture.status_code == 200
    another = share(photo, password="another horse battery")
    assert b"face-card" not in client.get(address(another)).content
    assert b"Holidays" not in type(client)().get(address(locked)).content


def test_a_wrong_password_is_refused(client, locked):
    for password in ("wrong horse battery", PASSWORD.upper(), ""):
        response = _try(client, locked, password)
        assert b"face-card" not in response.content
    assert b"This password is wrong" in _try(client, locked, "wrong").content


def test_attempts_of_an_address_are_limited(client, locked):
    for _ in range(5):
        assert _try(client, locked, "wrong").status_code == 400
    response = _try(client, locked, PASSWORD)
    assert response.status_code == 429
    assert b"Try again in 5 minutes" in response.content
    assert client.post(address(locked), {"password": PASSWORD}, REMOTE_ADDR="192.0.2.9").status_code == 302


def test_attempts_of_all_addresses_for_a_link_are_limited(client, locked, monkeypatch):
    monkeypatch.setitem(public_views.ATTEMPTS, "shared_link_anybody", "2/h/key")
    for number in range(2):
        client.post(address(locked), {"password": "wrong"}, REMOTE_ADDR=f"192.0.2.{number}")
    response = client.post(address(locked), {"password": PASSWORD}, REMOTE_ADDR="192.0.2.9")
    assert response.status_code == 429
    assert b"Try again in 1 hour" in response.content
