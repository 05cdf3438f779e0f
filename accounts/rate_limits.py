"""How long somebody who tried too often has to wait."""

from __future__ import annotations

import math
import time
from http import HTTPStatus

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext

PAGE_SECONDS = 60
"""The longest window of the limits that end with the page of `too_many_requests`."""


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Answer with 429: allauth's `handler429`, which knows the request only."""
    context = {"wait": wait_words(PAGE_SECONDS)}
    response = render(request, "429.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(PAGE_SECONDS)
    return response


def seconds_until_allowed(request: HttpRequest, *, action: str, key: str, config: dict[str, str]) -> float:
    """Return the seconds until allauth's limits of an action allow the next attempt, 0 where they allow it now."""
    app, now, wait = "allauth.account", time.time(), 0.0
    for rate in ratelimit.get_rates(app=app, action=action, config=config):
        # The times of the counted attempts, newest first.
        attempts = cache.get(ratelimit.get_cache_key(request, app=app, action=action, rate=rate, key=key), [])
        if len(attempts) >= rate.amount:
            wait = max(wait, attempts[rate.amount - 1] + rate.duration - now)
    return wait


def wait_words(seconds: float) -> str:
    """Return a wait as 40 seconds, 1 minute or 5 minutes, rounded up."""
    if seconds < 60:
        count = max(1, math.ceil(seconds))
        return ngettext("%(count)s second", "%(count)s seconds", count) % {"count": count}
    count = math.ceil(seconds / 60)
    return ngettext("%(count)s minute", "%(count)s minutes", count) % {"count": count}
