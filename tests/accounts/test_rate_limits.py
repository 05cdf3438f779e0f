"""Whoever tried too often is told for how long to wait."""

from __future__ import annotations

import pytest
from allauth.account import app_settings
from allauth.core.internal.ratelimit import get_rates
from django.core.cache import cache
from django.test import RequestFactory

from accounts.rate_limits import PAGE_SECONDS, seconds_until_allowed, wait_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 second"),
        (39.1, "40 seconds"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (299.9, "5 minutes"),
    ],
)
def test_a_wait_in_words(seconds: float, words: str):
    assert wait_words(seconds) == words


def test_the_wait_is_that_of_the_strictest_limit(db, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1000.0)
    monkeypatch.setattr("allauth.core.internal.ratelimit.get_cache_key", lambda request, rate, **of: str(rate))
    cache.set_many({"2/300.0/key": [990.0, 900.0], "2/60.0/ip": [999.0], "1/60.0/ip": [999.0, 950.0]})
    config = {"login_failed": "2/300s/key,2/m/ip,1/m/ip"}

    wait = seconds_until_allowed(RequestFactory().post("/"), action="login_failed", key="k", config=config)

    assert wait == 900 + 300 - 1000


def test_the_page_tells_a_time_after_which_each_of_its_limits_is_over(client, db):
    for _ in range(21):
        response = client.post("/accounts/password/reset/", {"email": "a@example.org"})

    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert "Wait 1 minute, then try again." in response.content.decode()
    others = set(app_settings.RATE_LIMITS) - {"login_failed", "confirm_email"}  # which end without that page
    durations = [rate.duration for action in others for rate in get_rates(app="allauth.account", action=action)]
    assert max(durations) == PAGE_SECONDS
