"""Caches, which count rates: in memory with times that a set clock does not change, or Redis, which may be away."""

from __future__ import annotations

import logging
import time
from typing import Any, ClassVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
MAX_ENTRIES = 100_000
"""Of a process' memory: many visitors do not evict each other's counts."""
RETRY_SECONDS = 5.0
"""Between two attempts to reach Redis: a request must not wait for its timeout each time."""


class SteadyLocMemCache(LocMemCache):
    """Keeps entries for their time although the clock is set; set back by an hour, nobody is limited for an hour."""

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(name, {"max_entries": MAX_ENTRIES, **params})

    def get_backend_timeout(self, timeout: Any = DEFAULT_TIMEOUT) -> float | None:
        expires_at = super().get_backend_timeout(timeout)
        return None if expires_at is None else expires_at - time.time() + time.monotonic()

    def _has_expired(self, key: str) -> bool:
        expires_at = self._expire_info.get(key, -1)
        return expires_at is not None and expires_at <= time.monotonic()


class FallbackRedisCache(RedisCache):
    """Redis, and while that is away this process' own memory: each process then counts rates for itself."""

    # Of all instances: Django makes one for each thread.
    _away_until: ClassVar[dict[str, float]] = {}

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._server = server
        self._local = SteadyLocMemCache(server, {})

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._try("get", key, default, version)

    def set(self, key: str, value: Any, *args: Any, **kwargs: Any) -> None:
        self._try("set", key, value, *args, **kwargs)

    def add(self, key: str, value: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(self._try("add", key, value, *args, **kwargs))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._try("delete", key, version))

    def _try(self, operation: str, *args: Any, **kwargs: Any) -> Any:
        """Ask Redis, or where it did not answer lately, this process' memory."""
        if time.monotonic() >= self._away_until.get(self._server, 0.0):
            try:
                return getattr(super(), operation)(*args, **kwargs)
            except RedisError as error:
                self._away_until[self._server] = time.monotonic() + RETRY_SECONDS
                logger.warning("Redis is away; this process counts rates for itself: %s", error)
        return getattr(self._local, operation)(*args, **kwargs)
