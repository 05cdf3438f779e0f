"""The one request that sends a delivery: no redirects, no proxies, bounded in time and size."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext_noop

from analysis.errors import WebhookError
from analysis.webhooks.addresses import Target, parse_url, resolve

MAX_SECONDS = 10.0
"""For connecting, sending and receiving together; looking up the name comes on top."""
CONNECT_SECONDS = 4.0
MAX_ANSWER_BYTES = 1000
_LATE = gettext_noop("No answer within 10 seconds.")
_REDIRECTED = gettext_noop("The receiver redirects. Change the webhook’s URL to the new address.")
_BAD_CERTIFICATE, _NO_ANSWER = gettext_noop("The certificate is not valid"), gettext_noop("No answer")
_REFUSED = {
    "webhook_unresolved": gettext_noop("The host was not found."),
    "private_address": gettext_noop("The host is not on the public internet."),
    "bad_webhook_url": gettext_noop("The webhook’s URL is not allowed."),
}
"""What is stored of errors; `WebhookDelivery.error_text` translates it."""


@dataclass(frozen=True)
class Answer:
    """What came back: a status and the body's beginning, or an error."""

    status: int | None = None
    body: str = ""
    error: str = ""

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(url: str, *, body: str, headers: Mapping[str, str]) -> Answer:
    """POST JSON once; a failure is an `Answer` with an error, too."""
    expired = threading.Event()
    try:
        target = parse_url(url)
        sock = _connect(target, resolve(target), time.monotonic() + MAX_SECONDS)
        with sock:
            timer = threading.Timer(MAX_SECONDS, _expire, (sock, expired))
            timer.daemon = True
            timer.start()
            try:
                answer = _exchange(sock, target, body, headers)
            finally:
                timer.cancel()
            # Where the connection is cut, half an answer may look like a whole one.
            return Answer(error=_LATE) if expired.is_set() else answer
    except WebhookError as error:
        return Answer(error=_REFUSED[error.code])
    except ssl.SSLCertVerificationError as error:
        return Answer(error=f"{_BAD_CERTIFICATE}: {error.verify_message}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        if expired.is_set() or isinstance(error, TimeoutError):
            return Answer(error=_LATE)
        return Answer(error=f"{_NO_ANSWER}: {error or type(error).__name__}"[:300])


def _connect(target: Target, addresses: Sequence[str], deadline: float) -> socket.socket:
    """Connect to the first address that accepts; the handshake of TLS comes later."""
    failure: OSError = TimeoutError()
    for address in addresses:
        if (left := min(CONNECT_SECONDS, deadline - time.monotonic())) <= 0:
            break
        try:
            sock = socket.create_connection((address, target.port), left)
        except OSError as error:
            failure = error
            continue
        sock.settimeout(MAX_SECONDS)
        if not target.is_tls:
            return sock
        return _tls().wrap_socket(sock, server_hostname=target.host, do_handshake_on_connect=False)
    raise failure


def _exchange(sock: socket.socket, target: Target, body: str, headers: Mapping[str, str]) -> Answer:
    if isinstance(sock, ssl.SSLSocket):
        sock.do_handshake()
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = sock
    sent = {"Host": target.host_header, "Content-Type": "application/json", "Connection": "close", **headers}
    connection.request("POST", target.path, body.encode(), sent)
    response = connection.getresponse()
    try:
        text = response.read(MAX_ANSWER_BYTES).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        text = ""
    error = _REDIRECTED if 300 <= response.status < 400 else ""
    return Answer(response.status, "".join(c for c in text if c.isprintable() or c in "\n\t"), error)


def _expire(sock: socket.socket, expired: threading.Event) -> None:
    """End a request whose receiver sends a byte now and then, which no time limit of the socket notices."""
    expired.set()
    with suppress(OSError):  # closed already
        # Not the TLS socket's own method, which takes the connection apart under the thread that reads from it.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
