from __future__ import annotations

import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from accounts.signup import first_run

ANY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104


class Command(BaseCommand):
    help = "Print the site's address and, if it has no administrator yet, the address of its set-up page."

    def handle(self, *args: Any, **options: Any) -> None:
        host = _own_address() if settings.HOST in ANY_ADDRESS else settings.HOST
        base = settings.SITE_URL or f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}"
        self.stdout.write(f"Serving on {base}")
        if first_run.is_set_up():
            return
        self.stdout.write("Open this link to create the administrator's account. It works once:")
        self.stdout.write(f"  {base}{reverse('accounts:setup')}?token={first_run.setup_token()}")


def _own_address() -> str:
    # Connecting a datagram socket sends nothing; the system chooses the local address.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
