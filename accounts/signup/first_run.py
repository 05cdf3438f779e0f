"""Set-up of a new site: whether it has an administrator, and who may create the first one."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User

PROXY_HEADERS = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")


class _Cache:
    # Only True is cached: another process may set up the site.
    is_set_up = False


def is_set_up() -> bool:
    """Return whether an administrator exists; once one does, the database is not queried again."""
    if not _Cache.is_set_up:
        _Cache.is_set_up = User.objects.administrators().exists()
    return _Cache.is_set_up


def setup_token() -> str:
    """Return the token with which the set-up is opened from elsewhere: the same for all hosts, from `SECRET_KEY`."""
    return salted_hmac("accounts.signup.first_run", "set-up", algorithm="sha256").hexdigest()


def is_valid_token(token: str) -> bool:
    return constant_time_compare(token, setup_token())


def is_local(request: HttpRequest) -> bool:
    """Return whether the request was made on this machine: from loopback, to loopback, through no proxy."""
    if settings.BEHIND_HTTPS or any(name in request.headers for name in PROXY_HEADERS):
        return False
    # The Host header must be local too: with DNS rebinding, a foreign page requests its own name from a local browser.
    host, _ = split_domain_port(request.get_host())
    return _is_loopback(request.META.get("REMOTE_ADDR", "")) and (host == "localhost" or _is_loopback(host.strip("[]")))


def _is_loopback(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback
