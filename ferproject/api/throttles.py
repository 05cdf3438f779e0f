"""How often one may ask: each user, by whatever tokens and browsers; each address of those who do not sign in.

Counted in the cache, so by each process for itself unless REDIS_URL gives all of them one.
"""

from __future__ import annotations

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class _Throttle(SimpleRateThrottle):
    def get_rate(self) -> str:
        rate: str = settings.API_RATES[self.scope]
        return rate

    def key_of(self, who: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": who}


class UserThrottle(_Throttle):
    scope = "user"

    def get_cache_key(self, request: Request, view: object) -> str | None:
        return self.key_of(request.user.pk) if request.user.is_authenticated else None


class UploadThrottle(UserThrottle):
    """For views that analyse what they are sent, beside `UserThrottle`."""

    scope = "upload"


class AddressThrottle(_Throttle):
    scope = "address"

    def get_cache_key(self, request: Request, view: object) -> str | None:
        return None if request.user.is_authenticated else self.key_of(self.get_ident(request))

    def allow_stranger(self, request: Request) -> bool:
        """Count a request whose sign-in failed; its user cannot be asked for without failing again."""
        self.key = self.key_of(self.get_ident(request))
        self.history = self.cache.get(self.key, [])
        self.now = self.timer()
        self.history = [moment for moment in self.history if moment > self.now - self.duration]
        return bool(self.throttle_failure() if len(self.history) >= self.num_requests else self.throttle_success())
