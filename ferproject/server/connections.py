"""Limits of open connections: of one address, and of all; and the descriptors that they need."""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Hashable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from ferproject.errors import ServiceError

RESERVED_DESCRIPTORS = 256
"""For the database, models, logs and files that are being read."""
DESCRIPTORS_PER_CONNECTION = 2
"""A connection, and the file that a large body is kept in."""


def raise_descriptor_limit() -> int:
    """Raise the process' limit of open descriptors as far as it may; return the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ValueError, OSError):  # macOS says "unlimited" and refuses it
        return soft
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def max_connections(descriptors: int) -> int:
    """Return how many connections may be open with so many descriptors."""
    affordable = (descriptors - RESERVED_DESCRIPTORS) // DESCRIPTORS_PER_CONNECTION
    return max(16, min(settings.MAX_CONNECTIONS, affordable) if descriptors > 0 else settings.MAX_CONNECTIONS)


class Connections:
    """The open connections, each a Twisted transport, and whose they are; used on the event loop only.

    Where `in_all` are open, a new one takes the place of the oldest that is waiting for its client: one without a
    request, or else one whose request's body is arriving. So clients that say nothing do not keep others out.
    """

    is_closing = False
    """Whether each connection is closed after its request."""

    def __init__(self, *, per_address: int, in_all: int) -> None:
        self._per_address = per_address
        self._in_all = in_all
        self._open: dict[Any, set[Hashable]] = {}
        self._counts: Counter[Hashable] = Counter()
        # Oldest first.
        self._without_request: dict[Any, None] = {}
        self._with_body: dict[Any, None] = {}
        self._web_sockets: set[Any] = set()

    def add(self, transport: Any) -> bool:
        """Add an open connection; return False where there are too many and none gives way."""
        has_room = len(self._open) < self._in_all or self._close_oldest()
        self._open[transport] = set()
        self._without_request[transport] = None
        return has_room

    def count(self, transport: Any, address: str) -> ServiceError | None:
        """Count a connection for an address until it is removed or `uncount`ed; return an error if it has too many."""
        self._open[transport].add(address)
        self._counts[address] += 1
        if self._counts[address] <= self._per_address:
            return None
        message = gettext("%(count)s connections from your address are already open. Close one of them, or wait.")
        return ServiceError("too_many_connections", message % {"count": self._per_address}, retryable=True)

    def uncount(self, transport: Any) -> None:
        """Count a connection for no address any more."""
        for address in self._open.get(transport, ()):
            self._counts[address] -= 1
            if not self._counts[address]:
                del self._counts[address]
        if transport in self._open:
            self._open[transport] = set()

    def waits_for_request(self, transport: Any) -> None:
        """Note that the client has sent no whole head of a request."""
        self._forget(transport)
        self._without_request[transport] = None

    def waits_for_body(self, transport: Any) -> None:
        self._forget(transport)
        self._with_body[transport] = None

    def is_answered(self, transport: Any) -> None:
        """Note that the client waits for the site, so that its connection gives way to no other."""
        self._forget(transport)

    def is_web_socket(self, transport: Any) -> None:
        """Note that the connection became a WebSocket, which is no request under way."""
        self._web_sockets.add(transport)

    def close_after_requests(self) -> None:
        """Close the connections without a request; set `is_closing`, so that the others follow."""
        self.is_closing = True
        for transport in list(self._without_request):
            transport.loseConnection()

    def count_requests(self) -> int:
        """Return how many connections have a request under way: its body arrives, or it is being answered."""
        return len(self._open) - len(self._without_request) - len(self._web_sockets)

    def remove(self, transport: Any) -> None:
        """Forget a connection that is closed."""
        self.uncount(transport)
        self._forget(transport)
        self._web_sockets.discard(transport)
        self._open.pop(transport, None)

    def _forget(self, transport: Any) -> None:
        self._without_request.pop(transport, None)
        self._with_body.pop(transport, None)

    def _close_oldest(self) -> bool:
        for waiting in (self._without_request, self._with_body):
            for transport in waiting:
                self.remove(transport)
                transport.abortConnection()
                return True
        return False
