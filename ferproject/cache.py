"""Caches: in memory with times that a set clock does not change, or Redis, whose outage does not break requests."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class SteadyLocMemCache(LocMemCache):
    """Keeps entries for their time although the clock is set; set back by an hour, nobody is limited for an hour."""

    def get_backend_timeout(self, timeout: Any = DEFAULT_TIMEOUT) -> float | None:
        expires_at = super().get_backend_timeout(timeout)
        return None if expires_at is None else expires_at - time.time() + time.monotonic()

    def _has_expired(self, key: str) -> bool:
        expires_at = self._expire_info.get(key, -1)
        return expires_at is not None and expires_at <= time.monotonic()


class ForgivingRedisCache(RedisCache):
    """Behaves like an empty cache while Redis is unreachable; request rates are not limited then."""

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._try(super().get, key, default, version, default=default)

    def set(self, key: str, value: Any, *args: Any, **kwargs: Any) -> None:
        self._try(super().set, key, value, *args, default=None, **kwargs)

    def add(self, key: str, value: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(self._try(super().add, key, value, *args, default=True, **kwargs))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._try(super().delete, key, version, default=False))

    def _try(self, operation: Callable[..., Any], *args: Any, default: Any, **kwargs: Any) -> Any:
        try:
            return operation(*args, **kwargs)
        except RedisError as error:
            logger.warning("The cache is unreachable: %s", error)
            return default
