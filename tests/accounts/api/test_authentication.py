"""Programs come in by token, browsers by their session; a token made for reading changes nothing."""

import datetime as dt
import time

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiToken
from accounts.tokens import services as tokens
from tests.support.site_database import IS_SQLITE, SiteDatabase

ME = "/api/v1/me/"


@pytest.fixture
def token(user):
    return tokens.create_token(user=user, name="t", scope="write", expires_in=dt.timedelta(days=1))


def _with(header):
    return APIClient(HTTP_AUTHORIZATION=header)


def test_a_token_authenticates_its_owner(token, user):
    answer = _with(f"Token {token.secret}").get(ME)
    assert answer.status_code == 200
    assert answer.json()["email"] == user.email
    assert answer.json()["token"]["name"] == "t"
    assert ApiToken.objects.get().last_used_at is not None


@pytest.mark.parametrize(
    "header",
    [
        "Token",
        "Token fer_",
        "Token a b",
        "Token \u00fc",
        "Token " + "x" * 5000,
        "Token \x7f",
        "Bearer x",
        "",
        "Token \ufffd",
    ],
)
def test_whatever_is_no_token_is_401(token, header):
    answer = _with(header.encode("utf-8").decode("latin-1")).get(ME)
    assert answer.status_code == 401
    assert answer.json()["code"] in {"bad_token", "not_signed_in", "authentication_failed"}
    assert answer["WWW-Authenticate"] == "Token"


def test_a_revoked_token_is_401_at_once(token):
    program = _with(f"Token {token.secret}")
    assert program.get(ME).status_code == 200
    tokens.revoke_token(token=token.token)
    assert program.get(ME).status_code == 401


def test_an_expired_token_is_401(token):
    ApiToken.objects.update(expiry=timezone.now())
    assert _with(f"Token {token.secret}").get(ME).json()["code"] == "bad_token"
    assert ApiToken.objects.exists()


def test_a_deactivated_users_token_is_rejected(token, user):
    user.is_active = False
    user.save()
    assert _with(f"Token {token.secret}").get(ME).status_code == 401


def test_a_token_for_reading_reads(user):
    program = _with(f"Token {tokens.create_token(user=user, name='r', scope='read', expires_in=None).secret}")
    assert program.get(ME).status_code == 200
    refusal = program.patch(ME, {"time_zone": "Asia/Tokyo"}, format="json")
    assert (refusal.status_code, refusal.json()["code"]) == (403, "read_only_token")
    user.refresh_from_db()
    assert user.time_zone == ""


def test_a_wrong_token_is_refused_even_beside_a_session(user):
    client = Client(HTTP_AUTHORIZATION="Token fer_wrong")
    client.force_login(user)
    assert client.get(ME).status_code == 401


def test_a_session_writes_only_with_its_csrf_token(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    refusal = client.patch(ME, {"time_zone": "Asia/Tokyo"}, content_type="application/json")
    assert (refusal.status_code, refusal.json()["code"]) == (403, "csrf_failed")
    client.get("/api/docs/")
    value = client.cookies["csrftoken"].value
    answer = client.patch(ME, {"time_zone": "Asia/Tokyo"}, content_type="application/json", HTTP_X_CSRFTOKEN=value)
    assert answer.status_code == 200


def test_a_token_needs_no_csrf_token(token):
    program = APIClient(enforce_csrf_checks=True, HTTP_AUTHORIZATION=f"Token {token.secret}")
    assert program.patch(ME, {"time_zone": "Asia/Tokyo"}, format="json").status_code == 200


def test_an_unauthenticated_request_explains_how_to_sign_in(client, db):
    answer = client.get(ME)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert "/account/tokens/" in answer.json()["message"]


def test_a_request_with_a_token_is_three_queries_at_most(token, django_assert_num_queries):
    program = _with(f"Token {token.secret}")
    program.get(ME)
    with django_assert_num_queries(1):
        program.get(ME)


@pytest.mark.django_db(transaction=True)
def test_a_token_reads_while_the_database_cannot_be_written(user, caplog):
    secret = tokens.create_token(user=user, name="t", scope="read", expires_in=None).secret
    began = time.monotonic()
    with SiteDatabase.of_test().locked():
        assert _with(f"Token {secret}").get(ME).status_code == 200
    assert time.monotonic() - began < 10
    assert "could not be updated" in caplog.text
    assert ApiToken.objects.get().last_used_at is None
    assert _with(f"Token {secret}").get(ME).status_code == 200
    assert ApiToken.objects.get().last_used_at is not None
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout" if IS_SQLITE else "SHOW lock_timeout")
        assert cursor.fetchone() == (20_000 if IS_SQLITE else "20s",)
