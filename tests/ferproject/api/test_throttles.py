"""Nobody asks more often than the site allows, and whoever does is told when to come back."""

import pytest

from ferproject.api import throttles

ME = "/api/v1/me/"


@pytest.fixture(autouse=True)
def _low_rates(settings):
    settings.API_RATES = {"user": "3/min", "upload": "1/min", "address": "2/min"}


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass only when a test says so."""
    now = [1000.0]
    monkeypatch.setattr(throttles._Throttle, "timer", lambda self: now[0])
    return now


def test_a_user_is_asked_to_wait_and_then_may_go_on(caller, user, clock):
    client = caller(user)
    assert [client.get(ME).status_code for _ in range(4)] == [200, 200, 200, 429]
    refusal = client.get(ME)
    assert refusal.json()["code"] == "throttled"
    assert refusal.json()["retryable"] is True
    clock[0] += int(refusal["Retry-After"])
    assert client.get(ME).status_code == 200


def test_nobody_waits_for_a_clock_that_was_set_back(caller, user, clock):
    client = caller(user)
    for _ in range(3):
        client.get(ME)
    clock[0] -= 3600
    assert int(client.get(ME)["Retry-After"]) <= 60


def test_more_tokens_are_no_more_requests(caller, user, clock):
    clients = [caller(user, name=str(number)) for number in range(4)]
    assert [client.get(ME).status_code for client in clients] == [200, 200, 200, 429]


def test_users_are_counted_apart(caller, user, other_user, clock):
    mine, theirs = caller(user), caller(other_user)
    for _ in range(4):
        mine.get(ME)
    assert theirs.get(ME).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"HTTP_AUTHORIZATION": "Token fer_guess"}], ids=["no token", "wrong token"])
def test_strangers_are_counted_by_address(client, db, headers, clock):
    assert [client.get(ME, **headers).status_code for _ in range(3)] == [401, 401, 429]
    assert int(client.get(ME, **headers)["Retry-After"]) >= 1
    assert client.get(ME, REMOTE_ADDR="192.0.2.9", **headers).status_code == 401


def test_many_addresses_do_not_reset_the_count(client, db, clock):
    for _ in range(2):
        client.get(ME)
    for number in range(1000):
        client.get(ME, REMOTE_ADDR=f"2001:db8::{number:x}")
    assert client.get(ME).status_code == 429


def test_an_address_is_not_taken_from_a_header_unless_a_proxy_is_trusted(client, db, clock):
    for number in range(3):
        response = client.get(ME, HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
    assert response.status_code == 429


def test_the_public_description_is_limited_too(client, db, clock):
    assert [client.get("/api/schema/").status_code for _ in range(3)] == [200, 200, 429]
