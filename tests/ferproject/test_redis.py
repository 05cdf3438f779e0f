"""Several web processes with one Redis: what is counted of somebody is counted by all."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import httpx
import pytest
from django.core.cache.backends.redis import RedisCache
from django.core.exceptions import ImproperlyConfigured
from redis.exceptions import ConnectionError

from ferproject.cache import RETRY_SECONDS, FallbackRedisCache
from ferproject.env import redis_database
from tests.support.live_site import create_tokens
from tests.support.programs import redis_server
from tests.support.site import RunningSite


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    try:
        server = redis_server(tmp_path)
    except FileNotFoundError as error:
        pytest.skip(str(error))
    server.start()
    yield f"redis://127.0.0.1:{server.port}/0"
    server.stop()


def test_redis_is_asked_again_once_it_is_back(redis_url: str, monkeypatch: pytest.MonkeyPatch):
    cache, steady = FallbackRedisCache(redis_url, {}), time.monotonic()
    cache.set("key", 1, 60)
    with monkeypatch.context() as away:
        away.setattr(RedisCache, "get", Mock(side_effect=ConnectionError("away")))
        assert cache.get("key") is None
    assert cache.get("key") is None
    monkeypatch.setattr("time.monotonic", lambda: steady + RETRY_SECONDS + 60)
    assert cache.get("key") == 1


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://host", "redis://host/1"),
        ("redis://:secret@host:6380/4", "redis://:secret@host:6380/5"),
        ("rediss://host/0?ssl_cert_reqs=required", "rediss://host/1?ssl_cert_reqs=required"),
    ],
)
def test_rates_have_the_next_database(url: str, expected: str):
    assert redis_database(url, 1) == expected


def test_a_database_without_a_number_is_refused():
    with pytest.raises(ImproperlyConfigured, match="expected a number after the host"):
        redis_database("redis://host/main", 1)


@pytest.mark.slow
def test_a_users_rate_is_counted_over_all_processes(tmp_path: Path, redis_url: str):
    sites = [RunningSite(tmp_path, REDIS_URL=redis_url, API_RATE="3/min") for _ in range(2)]
    try:
        sites[0].start()
        sites[0].create_user(sites[0].admin_email, superuser=True)
        sites[1].launch()
        (secret,) = create_tokens(sites[0], ["ada@redis.example"])
        asked = [_ask(sites[number % 2], secret) for number in range(4)]
    finally:
        for site in sites:
            site.stop()
    assert [answer.status_code for answer in asked] == [200, 200, 200, 429]
    assert int(asked[3].headers["Retry-After"]) > 0


def _ask(site: RunningSite, secret: str) -> httpx.Response:
    return httpx.get(f"{site.url}/api/v1/me/", headers={"Authorization": f"Token {secret}"})
