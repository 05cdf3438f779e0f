"""Where a webhook may lead: public addresses alone, unless `WEBHOOK_ALLOW_PRIVATE` is on."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext

from analysis.errors import WebhookError
from analysis.webhooks.models import URL_MAX
from ferproject.numbers import number

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Target:
    """A parsed URL; `path` has the query."""

    host: str
    port: int
    path: str
    is_tls: bool

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_tls else 80) else f"{host}:{self.port}"


def parse_url(url: str) -> Target:
    """Return where a URL leads; raise `WebhookError` of code "bad_webhook_url" where nothing may be sent to it."""
    if len(url) > URL_MAX:
        raise _bad_url(
            gettext("This URL has %(count)s characters. A webhook’s URL can have up to %(max)s.")
            % {"count": number(len(url)), "max": number(URL_MAX)}
        )
    schemes = ("https", "http") if settings.WEBHOOK_ALLOW_PRIVATE else ("https",)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _bad_url(gettext("This is not a valid URL.")) from error
    if not re.fullmatch(r"[!-~]+", url) or parts.scheme not in schemes or not parts.hostname or port == 0:
        raise _bad_url(
            gettext("Enter a URL that begins with %(scheme)s:// and has no spaces or special letters.")
            % {"scheme": schemes[0]}
        )
    if "@" in parts.netloc or parts.fragment:
        raise _bad_url(gettext("Leave out the user name, the password and anything after #."))
    is_tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.hostname, port or (443 if is_tls else 80), path, is_tls)


def resolve(target: Target) -> list[str]:
    """Return the IP addresses of a target's host, to connect to without another look-up.

    Raises `WebhookError` of code "webhook_unresolved", or "private_address" where any of them is not public.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise WebhookError(
            "webhook_unresolved", gettext("The host %(host)s was not found.") % {"host": target.host}
        ) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not settings.WEBHOOK_ALLOW_PRIVATE and not all(map(is_public, addresses)):
        message = gettext("%(host)s is not on the public internet. This site does not allow private addresses.")
        raise WebhookError("private_address", message % {"host": target.host})
    return addresses


def is_public(address: str) -> bool:
    """Whether an IP address, and one that it contains, is reachable by everybody."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return all(each.is_global and not each.is_multicast for each in (parsed, *_contained(parsed)))


def _contained(address: _Address) -> list[_Address]:
    """Return the IPv4 addresses to which gateways translate an IPv6 address."""
    if not isinstance(address, ipaddress.IPv6Address):
        return []
    found: list[_Address] = [each for each in (address.ipv4_mapped, address.sixtofour) if each]
    found += address.teredo or ()
    return [*found, ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)] if address in _NAT64 else found


def _bad_url(message: str) -> WebhookError:
    return WebhookError("bad_webhook_url", message)
