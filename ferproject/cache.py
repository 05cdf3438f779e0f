"""A cache that all processes share, and that nobody waits for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class ForgivingRedisCache(RedisCache):
    """Redis, whose absence is as if nothing had been kept: rates are not counted then, and no page fails for it."""

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._unless_away(default, lambda: super(ForgivingRedisCache, self).get(key, default, version))

    def set(self, key: str, value: Any, *args: Any, **kwargs: Any) -> None:
        self._unless_away(None, lambda: super(ForgivingRedisCache, self).set(key, value, *args, **kwargs))

    def add(self, key: str, value: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(self._unless_away(True, lambda: super(ForgivingRedisCache, self).add(key, value, *args, **kwargs)))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._unless_away(False, lambda: super(ForgivingRedisCache, self).delete(key, version)))

    def _unless_away(self, otherwise: Any, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except RedisError as error:
            logger.warning("The cache is away: %s", error)
            return otherwise
