"""Addresses of clients, also behind proxies."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings


def client_address(peer: str, forwarded_for: Sequence[bytes]) -> str:
    """Return the address that `PROXY_COUNT` proxies report in the `X-Forwarded-For` headers, `peer` without proxies."""
    count: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    listed = [address.strip() for header in forwarded_for for address in header.decode("latin1").split(",")]
    return listed[-min(count, len(listed))] if count and listed else peer
