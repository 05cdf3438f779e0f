"""Neither Redis being away nor a clock that is set keeps anybody out."""

import logging
import os
import subprocess
import sys
import time

import pytest

from ferproject.cache import FallbackRedisCache, SteadyLocMemCache
from tests.support.site import PROJECT

NOWHERE = "redis://127.0.0.1:1/0"


def test_it_counts_in_memory_while_redis_is_away_and_says_so_once(caplog):
    cache, of_another_thread = (FallbackRedisCache(NOWHERE, {"OPTIONS": {"socket_connect_timeout": 1}}) for _ in "ab")
    with caplog.at_level(logging.WARNING):
        cache.set("key", [1], 60)
        assert of_another_thread.get("key", []) == [1]
        assert not cache.add("key", 2, 60)
        assert cache.delete("key")
        assert cache.get("key", []) == []
    assert caplog.text.count("this process counts rates for itself") == 1


@pytest.mark.parametrize("set_by", [-3600, 3600])
def test_an_entry_is_kept_for_its_time_though_the_clock_is_set(monkeypatch, set_by):
    cache, wall, steady = SteadyLocMemCache("clock", {}), time.time(), time.monotonic()
    cache.set("key", [1], 60)
    monkeypatch.setattr("time.time", lambda: wall + set_by)
    monkeypatch.setattr("time.monotonic", lambda: steady + 50)
    assert cache.get("key") == [1]
    monkeypatch.setattr("time.monotonic", lambda: steady + 70)
    assert cache.get("key") is None


def test_the_site_uses_it_where_redis_is_named(tmp_path):
    ask = "from django.core.cache import cache; print(type(cache._connections['default']).__name__)"
    program = f"import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'ferproject.settings'; django.setup(); {ask}"
    environment = {**os.environ, "REDIS_URL": NOWHERE, "VAR_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "FallbackRedisCache"
