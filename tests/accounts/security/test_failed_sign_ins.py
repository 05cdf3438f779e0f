"""Failed sign-ins are limited, and nobody locks another out with them."""

import pytest
from django.test import Client

REFUSAL = "Too many failed sign-ins"


def sign_in(client: Client, email: str, password: str, address: str = "192.0.2.1", **headers: str):
    response = client.post("/accounts/login/", {"login": email, "password": password}, REMOTE_ADDR=address, **headers)
    return "in" if response.status_code == 302 else "refused" if REFUSAL in response.content.decode() else "wrong"


def fail(email: str, times: int, address: str = "192.0.2.1", client: Client | None = None) -> list[str]:
    return [sign_in(client or Client(), email, "wrong", address) for _ in range(times)]


def test_five_failures_in_five_minutes_are_the_most(user, password):
    assert fail(user.email, 6) == ["wrong"] * 5 + ["refused"]
    assert sign_in(Client(), user.email, password) == "refused"


def test_failures_elsewhere_lock_nobody_out(user, password):
    fail(user.email, 6, "198.51.100.7")

    assert sign_in(Client(), user.email, password, "192.0.2.1") == "in"


def test_another_host_name_does_not_start_a_new_count(user, settings):
    settings.ALLOWED_HOSTS = ["*"]
    fail(user.email, 5)

    assert sign_in(Client(), user.email, "wrong", SERVER_NAME="other.example.org") == "refused"


def test_one_address_does_not_try_many_accounts(db):
    found = [sign_in(Client(), f"{number}@example.org", "wrong") for number in range(11)]

    assert found == ["wrong"] * 10 + ["refused"]


def test_a_browser_that_signed_in_before_keeps_its_own_count(user, other_user, password):
    known = Client()
    sign_in(known, user.email, password)
    known.post("/accounts/logout/")
    # Neighbours behind the same address use up what it may fail, for this account and at all.
    fail(user.email, 6)
    fail(other_user.email, 6)

    assert sign_in(Client(), user.email, password) == "refused"
    assert fail(user.email, 5, client=known) == ["wrong"] * 5
    assert sign_in(known, user.email, password) == "refused"


def test_a_browser_known_for_ones_own_account_has_no_count_for_anothers(user, other_user, password):
    known = Client()
    sign_in(known, other_user.email, password)
    known.post("/accounts/logout/")
    fail(user.email, 5)

    assert sign_in(known, user.email, "wrong") == "refused"


@pytest.mark.parametrize("cookie", ["", "made-up", "WyJrIixbMV1d:1abc:forged"])
def test_a_forged_cookie_is_an_unknown_browser(user, cookie: str):
    fail(user.email, 5)
    forger = Client()
    forger.cookies["known_browser"] = cookie

    assert sign_in(forger, user.email, "wrong") == "refused"
