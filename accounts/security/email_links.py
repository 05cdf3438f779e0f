"""Links in e-mails: they begin with SITE_URL, never with a host name that a request brought."""

from __future__ import annotations

from django.conf import settings

CONSOLE_BACKEND = "django.core.mail.backends.console.EmailBackend"


def refusal_reason() -> str:
    """Return why this site sends no links, "" if it sends them.

    A site that only this machine reaches sends them without settings: its host names are known, and printing them in
    the terminal shows them to nobody else.
    """
    if settings.IS_LOCAL_SITE:
        return ""
    if not settings.SITE_URL:
        return "SITE_URL is not set, so links would start with the host name of the request, which anybody can choose."
    if settings.EMAIL_BACKEND == CONSOLE_BACKEND:
        return "EMAIL_BACKEND is not set, so links that let people sign in would be printed in the log."
    return ""
