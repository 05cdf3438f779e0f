"""Settings from environment variables; each raises `ImproperlyConfigured` for an invalid value."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured

_BOOLEANS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def env_str(name: str, default: str) -> str:
    return os.environ.get(name, default)


def env_bool(name: str, default: bool) -> bool:
    value = os.environ.get(name) or str(default)
    if value.lower() not in _BOOLEANS:
        raise ImproperlyConfigured(f"{name}: expected one of {', '.join(_BOOLEANS)}; got {value!r}")
    return _BOOLEANS[value.lower()]


def env_int(name: str, default: int, *, minimum: int = 0) -> int:
    """Return a whole number of at least `minimum`."""
    value = os.environ.get(name)
    if not value:
        return default
    if not value.isdecimal() or int(value) < minimum:
        raise ImproperlyConfigured(f"{name}: expected a whole number of {minimum} or more; got {value!r}")
    return int(value)


def env_choice(name: str, default: str, choices: Collection[str]) -> str:
    value = os.environ.get(name) or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name}: expected one of {', '.join(choices)}; got {value!r}")
    return value


def env_list(name: str, default: list[str]) -> list[str]:
    """Return comma-separated values without blanks."""
    value = os.environ.get(name)
    return default if value is None else [part.strip() for part in value.split(",") if part.strip()]


def env_url(name: str) -> str:
    """Return the address of a site such as "https://example.org", without a slash at the end; "" if it is not set."""
    value = os.environ.get(name, "").rstrip("/")
    if value and not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+", value):
        raise ImproperlyConfigured(f"{name}: expected an address such as https://example.org; got {value!r}")
    return value


def env_contact(name: str) -> str:
    """Return an address that begins with mailto:, tel: or https:, "" if it is not set."""
    value = os.environ.get(name, "")
    if value and not re.fullmatch(r"(mailto:|tel:|https://)\S+", value):
        raise ImproperlyConfigured(f"{name}: expected an address such as mailto:security@example.org; got {value!r}")
    return value


def env_rate(name: str, default: str) -> str:
    """Return a rate such as "600/min"."""
    value = os.environ.get(name) or default
    if not re.fullmatch(r"[1-9][0-9]{0,6}/(sec|min|hour|day)", value):
        raise ImproperlyConfigured(f"{name}: expected a number and sec, min, hour or day as in 600/min; got {value!r}")
    return value


def env_secret(name: str, path: Path) -> str:
    """Return a secret, by default generated at the first start in a file that only its owner can read."""
    if name in os.environ:
        return os.environ[name]
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as handle:
        secret = secrets.token_urlsafe(50)
        handle.write(secret)
    return secret


def redis_database(url: str, offset: int) -> str:
    """Return the address of the database `offset` numbers after the one that `url` names, 0 without a number."""
    parts = urlsplit(url)
    number = parts.path.strip("/") or "0"
    if not number.isdecimal():
        raise ImproperlyConfigured(f"REDIS_URL: expected a number after the host, as in redis://host/0; got {number!r}")
    return urlunsplit(parts._replace(path=f"/{int(number) + offset}"))
