"""Print where this site is served, and how to set it up as long as nobody has."""

from __future__ import annotations

import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from accounts.signup import first_run

EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104


class Command(BaseCommand):
    help = "Print the site's address; as long as no administrator exists, the address that sets it up."

    def handle(self, *args: Any, **options: Any) -> None:
        base = f"http://{_host()}:{settings.PORT}"
        if first_run.is_set_up():
            first_run.discard_token()
            self.stdout.write(f"Serving on {base}")
            return
        self.stdout.write(f"Serving on {base}")
        self.stdout.write("Create the administrator's account here; the link works once:")
        self.stdout.write(f"  {base}{reverse('accounts:setup')}?token={first_run.issue_token()}")


def _host() -> str:
    """Return a name that reaches this site: the one it is bound to, or this machine's own address."""
    host = settings.HOST
    if host in EVERYWHERE:
        host = _own_address()
    return f"[{host}]" if ":" in host else host


def _own_address() -> str:
    # Connecting a datagram socket sends nothing; it makes the system choose the address it would send from.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
