"""Who one is to the site."""

import pytest
from rest_framework.test import APIClient

from accounts.tokens import services as tokens

ME = "/api/v1/me/"


@pytest.fixture
def program(user):
    new = tokens.create_token(user=user, name="t", scope="write", expires_in=None)
    return APIClient(HTTP_AUTHORIZATION=f"Token {new.secret}")


def test_a_session_has_no_token(client, user):
    client.force_login(user)
    assert client.get(ME).json()["token"] is None


def test_the_time_zone_is_changed_and_told_in(program, user):
    answer = program.patch(ME, {"time_zone": "Asia/Tokyo"}, format="json")
    assert answer.json()["time_zone"] == "Asia/Tokyo"
    assert answer.json()["date_joined"].endswith("+09:00")
    assert program.get(ME).json()["date_joined"].endswith("+09:00")
    user.refresh_from_db()
    assert user.time_zone == "Asia/Tokyo"


@pytest.mark.parametrize("zone", ["", "Mars/Base", None, 7, ["UTC"], "../UTC", "a\0", "x" * 65])
def test_an_unknown_zone_is_rejected(program, zone):
    answer = program.patch(ME, {"time_zone": zone}, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"]["time_zone"]


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b'{"time_zone": 1}', b'{"time_zone": null}'])
def test_a_body_that_is_no_object_of_strings_is_refused(program, body):
    assert program.generic("PATCH", ME, body, content_type="application/json").status_code == 400


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_an_empty_change_changes_nothing(program, user, body):
    assert program.generic("PATCH", ME, body, content_type="application/json").status_code == 200
    user.refresh_from_db()
    assert user.time_zone == ""


def test_nothing_else_can_be_changed(program, user):
    program.patch(ME, {"time_zone": "UTC", "is_staff": True, "email": "root@example.org"}, format="json")
    user.refresh_from_db()
    assert (user.is_staff, user.email) == (False, "ada@example.org")
