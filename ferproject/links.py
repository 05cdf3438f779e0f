"""Whole addresses of this site, for people who get them elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings


def with_site_url(url: str) -> str:
    """Return the URL with SITE_URL instead of its scheme and host, unchanged if SITE_URL is not set."""
    return settings.SITE_URL + urlsplit(url).path if settings.SITE_URL else url
