"""Whether this site has an administrator yet, and who may create the first one."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.crypto import constant_time_compare

from accounts.models import User

PROXY_HEADERS = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-IP",
)


class _Known:
    # Only "yes" is remembered: it stays true, and whichever process set the site up, the others find out by asking.
    set_up = False


def is_set_up() -> bool:
    """Return whether an administrator exists; once one does, without asking the database again."""
    if not _Known.set_up:
        _Known.set_up = User.objects.administrators().exists()
    return _Known.set_up


def token_path() -> Path:
    return Path(settings.VAR_DIR) / "setup_token"


def issue_token() -> str:
    """Return the set-up token, making one (readable by its owner alone) where there is none."""
    try:
        descriptor = os.open(token_path(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if token := token_path().read_text().strip():
            return token
        # Left empty by a process that died in between.
        discard_token()
        return issue_token()
    with os.fdopen(descriptor, "w") as handle:
        token = secrets.token_urlsafe(32)
        handle.write(token)
    return token


def discard_token() -> None:
    token_path().unlink(missing_ok=True)


def accepts_token(token: str) -> bool:
    """Return whether `token` is the one that was printed at start."""
    with contextlib.suppress(FileNotFoundError):
        expected = token_path().read_text().strip()
        return bool(expected) and constant_time_compare(token, expected)
    return False


def comes_from_this_machine(request: HttpRequest) -> bool:
    """Return whether the request surely was made on this machine: from loopback, to loopback, past no proxy."""
    if settings.BEHIND_HTTPS or any(name in request.headers for name in PROXY_HEADERS):
        return False
    # The name asked for counts too: a foreign page can make a browser here ask us under its own name (DNS rebinding).
    host, _ = split_domain_port(request.get_host())
    return _is_loopback(request.META.get("REMOTE_ADDR", "")) and (host == "localhost" or _is_loopback(host.strip("[]")))


def _is_loopback(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        return parsed.ipv4_mapped.is_loopback
    return parsed.is_loopback
