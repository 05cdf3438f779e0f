"""Request limits per user, over all tokens and sessions, and per address for requests without sign-in.

They are counted in the cache: by each process on its own, unless REDIS_URL is set.
"""

from __future__ import annotations

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class _Throttle(SimpleRateThrottle):
    def get_rate(self) -> str:
        rate: str = settings.API_RATES[self.scope]
        return rate

    def wait(self) -> float | None:
        # Counted requests may be in the future, from before the clock was set back; the cache forgets them in time.
        seconds = super().wait()
        return None if seconds is None else min(seconds, self.duration)

    def key_for(self, ident: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": ident}


class UserThrottle(_Throttle):
    scope = "user"

    def get_cache_key(self, request: Request, view: object) -> str | None:
        return self.key_for(request.user.pk) if request.user.is_authenticated else None


class UploadThrottle(UserThrottle):
    """Additional limit of views that analyse uploads."""

    scope = "upload"


class AddressThrottle(_Throttle):
    scope = "address"

    def get_cache_key(self, request: Request, view: object) -> str | None:
        return None if request.user.is_authenticated else self.key_for(self.get_ident(request))

    def allow_unauthenticated(self, request: Request) -> bool:
        """Count a request whose sign-in failed, without reading `request.user`, which would fail again."""
        self.key = self.key_for(self.get_ident(request))
        self.now = self.timer()
        self.history = [moment for moment in self.cache.get(self.key, []) if moment > self.now - self.duration]
        return bool(self.throttle_failure() if len(self.history) >= self.num_requests else self.throttle_success())
